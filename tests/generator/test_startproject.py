"""`startproject` creates a complete project with a first commit, or nothing."""

import json
import os
import random
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from groundplan.errors import Refusal
from groundplan.starting.rendering import refuse_taken

from ..support.deep import DEEP
from ..support.projects import copy_working_tree
from .support import commit_all, environment, git, groundplan, on_terminal, pack, status, tree
from .test_atomic import struck

pytestmark = pytest.mark.full


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed copy of the working tree, as the template."""
    root = copy_working_tree(tmp_path_factory.mktemp("template") / "groundplan")
    commit_all(root)
    pack(root)
    return root


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """git has no configured author, and cannot prompt for one."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.delenv("EMAIL", raising=False)


def start(
    template: Path, cwd: Path, *arguments: str, code: int = 0
) -> subprocess.CompletedProcess[str]:
    return groundplan("startproject", *arguments, "--template", template, cwd=cwd, code=code)


def test_a_project_has_its_answers_and_a_first_commit(template: Path, tmp_path: Path) -> None:
    done = start(template, tmp_path, "my_shop", "--driver", "asyncpg", "--set", "author_name=Ada")
    root = tmp_path / "my-shop"
    answers = yaml.safe_load((root / ".copier-answers.yml").read_text())
    shown = {
        key: answers[key] for key in ("project_name", "project_slug", "package_name", "driver")
    }
    assert shown == {
        "project_name": "My Shop",
        "project_slug": "my-shop",
        "package_name": "my_shop",
        "driver": "asyncpg",
    }
    assert answers["_commit"]
    assert status(root) == ""
    assert (
        git(root, "log", "--format=%an <%ae> %s")
        == "Ada <groundplan@localhost> Start from Groundplan\n"
    )
    assert done.stdout.splitlines()[-8:] == [
        "Next steps:",
        "",
        "    cd my-shop",
        "    cp .env.example .env",
        "    uv sync",
        "    docker compose up -d --wait db",
        "    uv run python manage.py migrate",
        "    uv run python manage.py runserver",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my-shop"]


def test_without_a_container_the_steps_name_the_database(template: Path, tmp_path: Path) -> None:
    done = start(template, tmp_path, "shop", "--driver", "asyncpg", "--set", "container=no")
    url = "postgresql+asyncpg://shop:shop@localhost:5432/shop"
    assert done.stdout.splitlines()[-5:] == [
        "    cp .env.example .env",
        "    uv sync",
        f"    # start PostgreSQL at {url}, or set DATABASE_URL in .env",
        "    uv run python manage.py migrate",
        "    uv run python manage.py runserver",
    ]
    data = json.loads(start(template, tmp_path, "till", "--container=no", "--json").stdout)
    assert not [step for step in data["next"] if "docker" in step or "#" in step]


@pytest.mark.parametrize(
    "arguments",
    [
        ["my-shop"],
        ["my_shop", "elsewhere/deep", "--ci", "none", "--example", "no"],
        ["Bücher & Mehr", "--primary-key", "bigint", "--set", 'description=it\'s "here"'],
        ["My Shop", "--set", "package_name=shop", "--no-git"],
    ],
)
def test_the_printed_command_creates_the_same_project(
    template: Path, tmp_path: Path, arguments: list[str]
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    said = start(template, one, *arguments).stdout.splitlines()[0]
    groundplan(*shlex.split(said)[1:], cwd=two)
    assert tree(one) == tree(two) != {}


def test_a_dry_run_prints_exactly_what_the_real_run_prints(template: Path, tmp_path: Path) -> None:
    dry = start(template, tmp_path, "shop", "--dry-run")
    assert list(tmp_path.iterdir()) == []
    assert start(template, tmp_path, "shop").stdout == dry.stdout


def test_the_json_is_what_is_written_byte_for_byte(template: Path, tmp_path: Path) -> None:
    data = json.loads(start(template, tmp_path, "shop", "--dry-run", "--json").stdout)
    start(template, tmp_path, "shop")
    said = {change["path"]: change["text"].encode() for change in data["changes"]}
    assert said == {name: content for name, (content, _) in tree(tmp_path / "shop").items()}


def test_an_empty_folder_receives_the_project(template: Path, tmp_path: Path) -> None:
    start(template, tmp_path, "shop", ".")
    assert (tmp_path / "manage.py").is_file()
    assert status(tmp_path) == ""


def test_no_repository_is_created_inside_another(template: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    start(template, tmp_path, "shop")
    assert not (tmp_path / "shop/.git").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "Missing the service's name. Example: groundplan startproject my-service --driver asyncpg --defaults"),
        (["."], 1, "'.' is not a service's name: it has no letter. Give the folder after the name, as in groundplan startproject my-service ."),
        (["class"], 1, "'package_name': got 'class', a Python keyword; want another name, such as 'class_service'. Give another answer with --set, or with the option of the same name."),
        (["2shop"], 1, "'project_slug': got '2shop', want lower-case words of a-z and 0-9 joined by '-', starting with a letter, at most 60 characters, such as 'my-service'. Give another answer with --set, or with the option of the same name."),
        (["shop", "--driver", "postgres"], 1, "'postgres' is not a valid driver. Did you mean 'asyncpg'?"),
        (["shop", "--driver", "aiosqlit"], 1, "'aiosqlit' is not a valid driver. Did you mean 'aiosqlite'?"),
        (["shop", "--ci", "zzz"], 1, "'zzz' is not a valid ci. Choose one of github, gitlab, none."),
        (["shop", "--container", "perhaps"], 1, "'perhaps' is not a valid container. Answer yes or no, as in container=no."),
        (["shop", "--set", "drivr=asyncpg"], 1, "No such question: 'drivr'. Did you mean 'driver'?"),
        (["shop", "--set", "database=sqlite"], 1, "'database' is derived from other answers and cannot be set. The questions are project_name, project_slug, package_name, description, author_name, author_email, python_version, driver, primary_key, auth, admin, jobs, example, container, ci."),
        (["shop", "--set", "driver"], 1, "--set 'driver' is not key=value. Example: --set driver=asyncpg."),
        (["shop", "--set", "author_email=ada"], 1, "'author_email': got 'ada', want an ASCII email address such as 'ada@example.org', or nothing. Give another answer with --set, or with the option of the same name."),
        (["shop", "taken"], 1, "'taken' is not empty. Choose another folder: groundplan startproject NAME DIR."),
        (["shop", "file"], 1, "'file' exists and is not a folder. Choose another folder: groundplan startproject NAME DIR."),
        (["shop", "file/below"], 1, "cannot be written: File exists; nothing was changed. Correct that, or choose another folder."),
    ],
)  # fmt: skip
def test_an_invalid_answer_is_refused_in_one_sentence(
    template: Path, tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken/mine").touch()
    (tmp_path / "file").touch()
    before = tree(tmp_path)
    done = start(template, tmp_path, *arguments, code=code)
    assert done.stderr.splitlines()[-1].endswith(said)
    assert tree(tmp_path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "taken"]


def test_a_folder_without_a_template_is_refused(tmp_path: Path) -> None:
    done = groundplan("startproject", "shop", "--template", tmp_path, cwd=tmp_path, code=1)
    assert done.stderr.startswith(f"Error: '{tmp_path}' is not a template: it has no copier.yml.")


def test_on_a_terminal_missing_answers_are_prompted_for(template: Path, tmp_path: Path) -> None:
    given = ["--driver", "asyncpg", "--primary-key", "bigint", "--python-version", "3.12"]
    given += [
        "--auth",
        "no",
        "--jobs",
        "no",
        "--example",
        "no",
        "--container",
        "no",
        "--ci",
        "none",
    ]
    code = on_terminal(
        "startproject",
        "shop",
        *given,
        "--template",
        template,
        cwd=tmp_path,
        typed="Sells things\r\r\r",
    )
    assert code == 0
    answers = yaml.safe_load((tmp_path / "shop/.copier-answers.yml").read_text())
    assert answers["description"] == "Sells things"


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_leaving_a_prompt_is_an_interruption(template: Path, tmp_path: Path, key: str) -> None:
    code = on_terminal("startproject", "shop", "--template", template, cwd=tmp_path, typed=key)
    assert code == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_a_failed_write_leaves_the_folder_unchanged(template: Path, tmp_path: Path) -> None:
    """A new folder is written file by file; an existing empty one is filled by renames."""
    command = ["startproject", "shop", "--no-git", "--template", str(template)]
    empty = tmp_path / "empty"
    empty.mkdir()
    for folder, stride in (("a/b/shop", 1 if DEEP else 120), (".", 1 if DEEP else 30)):
        words = [*command[:2], folder, *command[2:]]
        found = struck("fault", empty, tmp_path, words, stride=stride)
        for number, code, state in found:
            assert (code == 0, state) in ((False, "before"), (True, "after")), (number, state)
        assert len(found) > 1
        assert any(code != 0 for _, code, _ in found)


def test_a_kill_leaves_nothing_or_the_whole_project(template: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    start(template, tmp_path, "shop", "--no-git")
    seconds = time.monotonic() - began
    whole = tree(tmp_path / "shop")
    moments = random.Random(20261121)
    for number in range(50 if DEEP else 4):
        folder = tmp_path / f"try{number}"
        folder.mkdir()
        words = ("startproject", "shop", "--no-git", "--template", template)
        process = subprocess.Popen(
            (sys.executable, "-m", "groundplan", *words),
            cwd=folder,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(moments.uniform(0, seconds))
        with suppress(ProcessLookupError):  # it had ended
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert not (folder / "shop").exists() or tree(folder / "shop") == whole


def test_filling_an_empty_folder_is_completed_after_a_kill(template: Path, tmp_path: Path) -> None:
    """A kill at a rename leaves the folder half filled; the same command then completes it."""
    empty = tmp_path / "empty"
    empty.mkdir()
    command = ["startproject", "shop", ".", "--no-git", "--template", str(template)]
    found = struck("kill", empty, tmp_path, command, stride=1 if DEEP else 9)
    assert {state for _, _, state in found} == {"after"}, found


def test_a_half_filled_folder_is_completed_and_named(
    tmp_path: Path,
) -> None:
    target, complete = tmp_path / "shop", tmp_path / ".shop.groundplan-complete"
    (complete / "b").mkdir(parents=True)
    target.mkdir()
    (target / "a").touch()
    with pytest.raises(Refusal) as error:
        refuse_taken(target)
    assert error.value.format_message() == (
        f"'{target}' now contains the whole project of a startproject that was killed. "
        "Continue with its README.md, or empty the folder and start again."
    )
    assert sorted(path.name for path in target.iterdir()) == ["a", "b"]
    assert not complete.exists()
