"""A project's own templates of apps, in `.groundplan/templates`."""

import json
from pathlib import Path

import pytest

import groundplan as package
from groundplan.cli import run

from .support import groundplan

TEMPLATES = Path(package.__file__).parent / "resources/templates"
OVERRIDES = ".groundplan/templates"


def override(project: Path, name: str, text: str) -> None:
    file = project / OVERRIDES / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_a_template_of_the_projects_own_comes_first(project: Path) -> None:
    ours = (TEMPLATES / "repository.py.jinja").read_text()
    marked = ours.replace("    model = {{ model.name }}", "    model = {{ model.name }}  # ours")
    override(project, "repository.py.jinja", marked)
    groundplan("startapp", "shop", "Product", "title:str", cwd=project)
    app = project / "my_service/apps/shop"
    assert "    model = Product  # ours\n" in (app / "repository.py").read_text()
    assert "# ours" not in (app / "models.py").read_text()


def test_a_copy_of_every_template_changes_nothing(project: Path) -> None:
    words = ("startapp", "shop", "Product", "title:str", "tags:many=blog.Category", "--dry-run")
    plain = groundplan(*words, "--json", cwd=project).stdout
    for file in TEMPLATES.glob("*.jinja"):
        override(project, file.name, file.read_text())
    assert groundplan(*words, "--json", cwd=project).stdout == plain


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{% if %}", "Expected an expression, got 'end of statement block'"),
        ("{{ nothing }}", "'nothing' is undefined"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("class:", "invalid syntax (<unknown>, line 1)"),
    ],
)
def test_a_template_that_gives_no_python_is_refused(project: Path, text: str, said: str) -> None:
    override(project, "models.py.jinja", text)
    done = groundplan("startapp", "shop", "Product", "title:str", cwd=project, code=1)
    assert done.stderr == (
        f"Error: '{OVERRIDES}/models.py.jinja': a template gives Python: {said}. "
        "Mend it, or remove it to have groundplan's own.\n"
    )
    assert not (project / "my_service/apps/shop").exists()


@pytest.mark.parametrize("name", sorted(file.name for file in TEMPLATES.glob("*.jinja")))
def test_every_template_may_be_the_projects_own_and_a_broken_one_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.chdir(project)
    # Sides on which a template of each kind is needed: a service for many to many.
    words = ["startapp", "shop", "Product", "title:str", "tags:many=blog.Category", "--dry-run"]
    override(project, name, (TEMPLATES / name).read_text() + "\n# ours\n")
    assert run([*words, "--json"]) == 0
    texts = [change["text"] for change in json.loads(capsys.readouterr().out)["changes"]]
    assert sum("# ours" in text for text in texts) == 1
    override(project, name, "def (")
    assert run(words) == 1
    assert capsys.readouterr().err.startswith(
        f"Error: '{OVERRIDES}/{name}': a template gives Python: "
    )
