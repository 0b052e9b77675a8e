"""A simulated future release: every version is higher, and every file has something new."""

import re
import shutil
from functools import cache
from pathlib import Path

from .history import next_template, scratch, template

TAG = "v9999.1"
PACKAGE = "template/{{package_name}}"
MOVED = {f"{PACKAGE}/core/db/pagination.py": f"{PACKAGE}/core/db/pages.py"}
UPGRADING = (
    "\n### Upgrading\n\n| was | is |\n|---|---|\n| `core/db/pagination.py` | `core/db/pages.py` |\n"
)

NEW_LINES = {  # inserted after these lines
    "template/.dockerignore.jinja": {"!manage.py": "!LICENSE"},
    "template/.env.example.jinja": {
        "#CORS_ORIGINS=": "\n# Seconds that a browser may keep an answer about them.\n#CORS_MAX_AGE=600"
    },
    "template/.github/workflows/ci.yml.jinja": {
        "    runs-on: ubuntu-latest": "    env: {CI: true}"
    },
    "template/.gitignore.jinja": {".coverage": ".hypothesis/", "/dist/": "/site/"},
    "template/.pre-commit-config.yaml": {
        "        files: '\\.rej$'": "\n      - id: no-pdb\n        name: no breakpoints\n"
        "        entry: 'breakpoint\\('\n        language: pygrep\n        types: [python]"
    },
    "template/Dockerfile.jinja": {"    UV_LINK_MODE=copy \\": "    UV_NO_PROGRESS=1 \\"},
    "template/migrations/env.py.jinja": {
        "        compare_type=True,": "        user_module_prefix=None,"
    },
    "template/pyproject.toml.jinja": {
        "line-length = 100": 'output-format = "concise"',
        '    "DTZ",': '    "EXE",',
        '    "pytest>=9.0.1",': '    "pytest-anyio>=0.0.1",',
        "strict = true": "pretty = true",
    },
    "template/tests/conftest.py.jinja": {
        "from sqlalchemy import Connection": "from sqlalchemy import text"
    },
    f"{PACKAGE}/core/web/health.py": {'    status: Literal["ok"] = "ok"': '    by: str = "core"'},
}
NEW_TEXT = {
    "template/.github/workflows/ci.yml.jinja": {"{{ checkout_action }}": "actions/checkout@v8"},
    "template/tests/conftest.py.jinja": {
        "settings.database_url = settings.test": 'assert text("") is not None\nsettings.database_url = settings.test'
    },
    f"{PACKAGE}/core/web/patch.py": {'"""Bodies of': '"""Merging: bodies of'},
}


@cache
def tomorrow() -> Path:
    """Create a repository like `template()`, with the future release added."""
    tree = scratch() / "tomorrow-tree"
    shutil.copytree(template(), tree, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    for name, lines in NEW_LINES.items():
        for line, new in lines.items():
            change(tree / name, rf"(?m)^({re.escape(line)})$", rf"\1\n{literal(new)}")
    for name, texts in NEW_TEXT.items():
        for old, new in texts.items():
            change(tree / name, re.escape(old), literal(new))
    change(tree / "template/pyproject.toml.jinja", r">=([\d.]+)", r">=\1.1")
    for old, new in MOVED.items():
        tree.joinpath(old).rename(tree / new)
        for file in tree.joinpath("template").rglob("*.py*"):
            text = file.read_text()
            file.write_text(text.replace(f".{Path(old).stem} ", f".{Path(new).stem} "))
    change(tree / "CHANGELOG.md", r"(?m)^## \[Unreleased\]\n", rf"\g<0>{literal(UPGRADING)}")
    return next_template("tomorrow", tree)


def change(file: Path, pattern: str, new: str) -> None:
    """Replace a pattern in a file of the template; it must occur."""
    text = file.read_text()
    changed = re.sub(pattern, new, text)
    assert changed != text, f"{file} has no {pattern}"
    file.write_text(changed)


def literal(text: str) -> str:
    """Escape a text for use as the replacement of `re.sub`."""
    return text.replace("\\", r"\\")
