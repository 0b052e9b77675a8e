"""The program, installed from a checkout as `uv tool install` does it, is complete and fast."""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
import yaml

from groundplan.fields.words import EVERY, TYPES
from tools.bootstrap import uv_environment

from ..support.projects import ROOT, copy_working_tree
from .support import commit_all, environment, git, groundplan

pytestmark = pytest.mark.full
UV = Path(sys.executable).with_name("uv")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone that holds the working tree, committed."""
    root = copy_working_tree(tmp_path_factory.mktemp("checkout") / "groundplan")
    commit_all(root)
    return root


@pytest.fixture(scope="module")
def program(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, installed from the checkout into a new environment with this one's libraries."""
    folder = tmp_path_factory.mktemp("tool") / "environment"
    run(UV, "venv", "--python", sys.executable, folder)
    libraries = sysconfig.get_path("purelib")
    packages = next(folder.glob("lib/*/site-packages"))
    (packages / "libraries.pth").write_text(f"{libraries}\n")
    run(
        *(UV, "pip", "install", "--python", folder / "bin" / "python", "--offline", "--no-deps"),
        *("--no-build-isolation", checkout),
    )
    return folder / "bin" / "groundplan"


def test_the_wheel_holds_every_file(checkout: Path, tmp_path: Path) -> None:
    built = run(
        sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path, cwd=checkout
    )
    (wheel,) = tmp_path.glob("*.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    tracked = git(checkout, "ls-files", "generator/groundplan").splitlines()
    assert held == {name.removeprefix("generator/") for name in tracked}, built.stdout


def test_it_renders_the_checkout_from_which_it_was_installed(
    program: Path, checkout: Path, tmp_path: Path
) -> None:
    run(program, "startproject", "shop", cwd=tmp_path)
    answers = yaml.safe_load((tmp_path / "shop/.copier-answers.yml").read_text())
    assert answers["_src_path"] == str(checkout)
    assert (
        answers["_commit"] == git(checkout, "rev-parse", "HEAD").strip()[: len(answers["_commit"])]
    )
    run(program, "startapp", "sales", "Order", "total:decimal=10,2:ge=0", cwd=tmp_path / "shop")
    run(program, "destroy", "sales", "--yes", cwd=tmp_path / "shop")
    assert git(tmp_path / "shop", "status", "--short") == ""


def test_it_works_with_the_lowest_allowed_dependencies(checkout: Path, tmp_path: Path) -> None:
    folder = tmp_path / "lowest"
    run(UV, "venv", "--python", sys.executable, folder)
    python = folder / "bin" / "python"
    lowest = ("--resolution", "lowest-direct")
    run(UV, "pip", "install", "--python", python, "--quiet", *lowest, checkout)
    program = folder / "bin" / "groundplan"
    run(program, "startproject", "shop", "--template", checkout, cwd=tmp_path)
    for command in (
        "startapp sales Order total:int",
        "addfield sales.Order paid:bool:default=false",
    ):
        run(program, *command.split(), cwd=tmp_path / "shop")
    assert "Did you mean" in run(program, "startap", code=2).stderr
    run(program, "variants", "--template", checkout)
    assert "up to date" in run(program, "update", "--check", cwd=tmp_path / "shop").stdout


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["sta"], {"startapp", "startproject"}),
        (["startapp", "blo"], {"blog"}),
        (["startapp", "shop", "Product", "price:dec"], {"price:decimal="}),
        (["startapp", "shop", "Product", "author:ref=blog.P"], {"author:ref=blog.Post", "author:ref=blog.PostCategory"}),
        (["startapp", "shop", "Product", "a:int:"], {f"a:int:{word}" for word in ("null", "unique", "index", "default=", "ge=", "le=", "readonly", "writeonly", "comment=")}),
        (["startapp", "shop", "--dry"], {"--dry-run"}),
    ],
)  # fmt: skip
def test_the_shell_completes(
    program: Path, pristine: Path, words: list[str], offered: set[str]
) -> None:
    variables = {
        "_GROUNDPLAN_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["groundplan", *words]),
        "COMP_CWORD": str(len(words)),
    }
    done = subprocess.run(
        (program,),
        cwd=pristine,
        env={**environment(), **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    assert {line.partition(",")[2] for line in done.stdout.splitlines()} == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_completion_script(program: Path, shell: str) -> None:
    variables = {"_GROUNDPLAN_COMPLETE": f"{shell}_source"}
    done = subprocess.run(
        (program,), env={**environment(), **variables}, capture_output=True, text=True, check=True
    )
    assert "groundplan" in done.stdout


def test_bash_completes_with_the_script_that_is_documented(program: Path, pristine: Path) -> None:
    """bash loads the documented script, and calls the function that it defines."""
    typed = """
        eval "$(_GROUNDPLAN_COMPLETE=bash_source groundplan)"
        complete -p groundplan
        COMP_WORDS=(groundplan startapp shop Product price:dec) COMP_CWORD=4
        _groundplan_completion groundplan price:dec Product
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    path = f"{program.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ("bash", "--norc", "-c", typed),
        cwd=pristine,
        env={**environment(), "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "complete -o nosort -F _groundplan_completion groundplan",
        "price:decimal=",
    ]


@pytest.mark.parametrize(
    ("pages", "number"),
    [(("README.md",), 1), (("docs/generator.md", "docs/generator-changes.md"), 11)],
    ids=["README", "generator"],
)
def test_documented_commands_work(
    pages: tuple[str, ...], number: int, pristine: Path, tmp_path: Path
) -> None:
    """Run each `startapp` and `addfield` of these pages, in order and unchanged."""
    project = tmp_path / "project"
    shutil.copytree(pristine, project)
    text = "".join((ROOT / page).read_text() for page in pages).replace("\\\n", "")
    shown = re.findall(r"^groundplan ((?:startapp|addfield) .*)$", text, re.MULTILINE)
    for line in shown:
        groundplan(*shlex.split(line), cwd=project)
    assert len(shown) == number


def test_the_table_of_types_is_the_grammar() -> None:
    """The table in docs/generator.md has each type with exactly the modifiers that it takes."""
    rows = [
        line
        for line in (ROOT / "docs/generator.md").read_text().splitlines()
        if line.startswith("| `")
    ]
    said = {name for row in rows for name in re.findall(r"`(\w+)[=`]", row.split("|")[1])}
    assert set(TYPES) <= said
    for name, type_ in TYPES.items():
        if name not in ("url", "slug", "email", "many", "secret"):
            row = next(row for row in rows if re.search(rf"`{name}[=`]", row.split("|")[1]))
            listed = set(
                " ".join(re.findall(r"`([^`]+)`", row.split("|")[3])).replace("=", "").split()
            )
            assert listed == type_.modifiers - EVERY, name


def test_every_rule_is_listed() -> None:
    """docs/generator-refusals.md and docs/generator-changes.md name the rules of all refusals."""
    pages = ("generator-refusals", "generator-changes")
    text = "".join((ROOT / f"docs/{page}.md").read_text() for page in pages)
    rules = {
        rule.value
        for file in (ROOT / "generator/groundplan").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Broken", "Misspelt")
        for rule in node.args[:1]
        if isinstance(rule, ast.Constant) and isinstance(rule.value, str)
    }
    assert len(rules) > 100
    assert {rule for rule in rules if f"`{rule}`" not in text} == set()


def run(
    *command: str | Path, cwd: Path | None = None, code: int = 0
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**uv_environment(sys.executable), **environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done
