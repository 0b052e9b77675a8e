"""Edits that move packages, or add files where other tools expect them."""

from pathlib import Path

from .edit import PACKAGE, Edit, append, replace, together, write
from .moved import move

APPS = f"{PACKAGE}/apps"


def settings_as_a_package(root: Path) -> None:
    old = root / PACKAGE / "settings.py"
    new = root / PACKAGE / "settings/__init__.py"
    new.parent.mkdir()
    new.write_text(old.read_text().replace("from .core", "from ..core"))
    old.unlink()


EDITS = (
    Edit("settings as a package", settings_as_a_package, alone=True),
    move("an app in a package of apps", f"{APPS}/ledger", f"{APPS}/money/ledger", alone=True),
    move("an app's models as a package", f"{APPS}/ledger/models.py", f"{APPS}/ledger/models/__init__.py", alone=True),
    move("an app's queries as a package", f"{APPS}/blog/queries.py", f"{APPS}/blog/queries/__init__.py", alone=True),
    move("an app's tests in a package", "tests/ledger", "tests/money/ledger", alone=True),
    move("revisions of the first year in a folder", "migrations/versions/0001_create_blog_and_ledger.py",
         "migrations/versions/2025/0001_create_blog_and_ledger.py", alone=True),
    move("compose in a folder", "compose.yaml", "deploy/compose.yaml", alone=True),
    move("the example of the environment in a folder", ".env.example", "deploy/env.example", alone=True),
    together(
        "a package of one's own in core",
        write("its package", f"{PACKAGE}/core/tenants/__init__.py", '"""Tenants."""\n'),
        write("its module", f"{PACKAGE}/core/tenants/names.py", '"""Names."""\n\nNAMES = ("acme",)\n'),
        alone=True,
    ),
    together(
        "a lock file, and the Python of pyenv",
        write("the lock", "uv.lock", 'version = 1\nrequires-python = ">=3.11"\n'),
        write("the Python", ".python-version", "3.12\n"),
        alone=True,
    ),
    together(
        "files of editors and of tools",
        write("of an editor", ".vscode/settings.json", '{"editor.rulers": [100]}\n'),
        write("of all editors", ".editorconfig", "root = true\n\n[*.py]\nindent_size = 4\n"),
        write("of make", "Makefile", "test:\n\tpython manage.py test\n"),
        write("of documents", "mkdocs.yml", "site_name: My Service\n"),
        alone=True,
    ),
    append(
        "a hook that reformats", ".pre-commit-config.yaml",
        "\n      - id: prettier\n        name: prettier\n        entry: prettier --write\n        language: system\n",
    ),
    write("attributes of git", ".gitattributes", "* text=auto\n*.bat text eol=crlf\n"),
    together(
        "a front end in the repository",
        write("its package", "frontend/package.json", '{"name": "shop"}\n'),
        write("its workflow", ".github/workflows/frontend.yml", "name: Front end\non: push\njobs: {}\n"),
    ),
    write("owners of the code", ".github/CODEOWNERS", "/my_service/apps/ledger/ @acme/money\n"),
    append("a section of another tool", "pyproject.toml", "\n[tool.codespell]\nskip = '*.lock'\n", alone=True),
    replace("another name of the workflow", ".github/workflows/ci.yml", "name: CI\n", "name: Checks\n", alone=True),
)  # fmt: skip
