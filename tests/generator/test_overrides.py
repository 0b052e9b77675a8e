"""A project overrides templates of apps in `.groundplan/templates`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import groundplan as package
from groundplan.cli import run

from .support import groundplan

pytestmark = pytest.mark.full

TEMPLATES = Path(package.__file__).parent / "resources/templates"
OVERRIDES = ".groundplan/templates"


def override(project: Path, name: str, text: str) -> None:
    file = project / OVERRIDES / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_a_projects_template_overrides_the_built_in_one(project: Path) -> None:
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
def test_a_template_that_does_not_render_to_python_is_refused(
    project: Path, text: str, said: str
) -> None:
    override(project, "models.py.jinja", text)
    done = groundplan("startapp", "shop", "Product", "title:str", cwd=project, code=1)
    assert done.stderr == (
        f"Error: '{OVERRIDES}/models.py.jinja' does not render to Python: {said}. "
        "Correct it, or remove it to use the built-in one.\n"
    )
    assert not (project / "my_service/apps/shop").exists()


@pytest.mark.parametrize("name", sorted(file.name for file in TEMPLATES.glob("*.jinja")))
def test_every_template_can_be_overridden_and_a_broken_one_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.chdir(project)
    words = ["startapp", "shop", "Product", "title:str", "tags:many=blog.Category", "--dry-run"]
    if name == "add_columns.py.jinja":
        words = ["addfield", "blog.Post", "stock:int:default=0", "--dry-run"]
    if name.startswith("task"):
        words = ["startapp", "shop", "--task", "restock", "--dry-run"]
    override(project, name, (TEMPLATES / name).read_text() + "\n# ours\n")
    assert run([*words, "--json"]) == 0
    texts = [change["text"] for change in json.loads(capsys.readouterr().out)["changes"]]
    assert sum("# ours" in text for text in texts) == 1
    override(project, name, "def (")
    assert run(words) == 1
    assert capsys.readouterr().err.startswith(
        f"Error: '{OVERRIDES}/{name}' does not render to Python: "
    )


def test_output_of_a_template_is_formatted_and_its_imports_are_sorted(project: Path) -> None:
    override(
        project,
        "repository.py.jinja",
        "from ...core.db import Repository, Key\nimport os\n"
        "{% for model in models %}\nclass {{ model.name }}Repository(Repository[{{ model.name }}]):\n"
        "    model = {{ model.name }}\n"
        "    labels = {'one': '{{ model.one }}', 'many': '{{ model.many }}', 'plural': '{{ model.plural }}', 'more': ''}\n"
        "{% endfor %}\nfrom .models import {{ models | map(attribute='name') | join(', ') }}\n",
    )
    groundplan("startapp", "shop", "Product", "title:str", cwd=project)
    app = project / "my_service/apps/shop"
    assert "import os" not in (app / "repository.py").read_text()
    done = subprocess.run(
        (Path(sys.executable).with_name("ruff"), "format", "--check", app),
        cwd=project,
        check=False,
        capture_output=True,
    )
    assert done.returncode == 0, done.stdout


def test_the_projects_own_configuration_of_ruff_decides_the_format(project: Path) -> None:
    file = project / "pyproject.toml"
    text = file.read_text().replace("line-length = 100", "line-length = 79", 1)
    assert "[tool.ruff.format]" not in text
    file.write_text(f"{text}\n[tool.ruff.format]\nquote-style = 'single'\n")
    groundplan(
        "startapp", "shop", "Product", "title:str=200", "tags:many=blog.Category", cwd=project
    )
    app = project / "my_service/apps/shop"
    texts = [file.read_text() for file in app.glob("*.py")]
    assert max(len(line) for text in texts for line in text.splitlines()) <= 79
    assert "mapped_column(String(200))" in (app / "models.py").read_text()
    assert "'/products'" in (app / "routes.py").read_text()


def test_a_configuration_that_ruff_does_not_accept_is_named(project: Path) -> None:
    file = project / "pyproject.toml"
    file.write_text(file.read_text().replace("line-length = 100", "line-length = 'long'", 1))
    done = groundplan("startapp", "shop", "Product", "title:str", cwd=project, code=1)
    assert "`ruff check` failed: " in done.stderr
    assert f"Correct {file}, and run the command again." in done.stderr
    assert not (project / "my_service/apps/shop").exists()


def test_a_configuration_that_is_not_toml_is_named(project: Path) -> None:
    file = project / "pyproject.toml"
    file.write_text("[tool.ruff")
    done = groundplan("startapp", "shop", "Product", "title:str", cwd=project, code=1)
    assert done.stderr.startswith(f"Error: Cannot read '{file}': ")
    assert done.stderr.endswith("Correct the file.\n")


def test_a_template_without_the_attribute_that_addfield_needs_is_named(project: Path) -> None:
    override(project, "schemas.py.jinja", "class PostCreate:\n    pass\n")
    done = groundplan("addfield", "blog.Post", "stock:int:default=0", cwd=project, code=1)
    assert done.stderr == (
        f"Error: {OVERRIDES}/schemas.py.jinja: class PostCreate lacks stock. "
        "Correct it, or remove it to use the built-in one.\n"
    )
