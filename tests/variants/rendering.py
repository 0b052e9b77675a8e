"""Renders variants as text: each file of a project by its path; equal texts are stored once."""

import subprocess
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from sys import intern
from typing import Any
from unittest.mock import patch

from copier import run_copy
from jinja2 import Environment

from ..support.projects import ROOT, copy_working_tree
from .oracle import OFFERED, Answers

Tree = Mapping[str, str]
DEFAULTS: Answers = {name: values[0] for name, values in OFFERED.items()}


@cache
def template() -> Path:
    """Return a copy of the files that a commit of the working tree would contain."""
    return copy_working_tree(Path(tempfile.mkdtemp(prefix="groundplan-template-")))


@cache
def template_files() -> tuple[str, ...]:
    """Return the paths below `template/` that a commit would contain."""
    listed = subprocess.run(
        ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"),
        cwd=ROOT / "template",
        capture_output=True,
        text=True,
        check=True,
    )
    names = listed.stdout.split("\0")
    return tuple(name for name in names if (ROOT / "template" / name).is_file())


def tree(answers: Answers) -> Tree:
    """Return what Copier renders for these answers; the path of an empty folder ends with `/`."""
    return _tree(tuple(answers.items()))


@cache
def _tree(answers: tuple[tuple[str, str | bool], ...]) -> Tree:
    return rendered(template(), dict(answers))


def rendered(source: Path, answers: Answers) -> Tree:
    """Return what Copier renders from a template for these answers."""
    with tempfile.TemporaryDirectory(prefix="groundplan-variant-") as folder:
        dest = Path(folder, "project")
        with quickly():
            run_copy(str(source), dest, data=dict(answers), defaults=True, quiet=True)
        paths = {path.relative_to(dest).as_posix(): path for path in sorted(dest.rglob("*"))}
        texts = {
            name: intern(path.read_text(encoding="utf-8"))
            for name, path in paths.items()
            if path.is_file()
        }
        empty = [f"{name}/" for name, path in paths.items() if path.is_dir() and _bare(path)]
        return {**texts, **dict.fromkeys(empty, "")}


@contextmanager
def quickly() -> Generator[None]:
    """Render hundreds of projects in a fifth of the time.

    Each text of the template is compiled once, not for each project; and git is not asked for the
    mode of each file, since the projects are not in a repository.
    """
    without_git = patch("copier._main.is_git_available", return_value=False)
    with patch.object(Environment, "compile", _compiled), without_git:
        yield


_code = dict[tuple[str, str | None], Any]()
_compile = Environment.compile


def _compiled(self: Environment, source: str, name: str | None = None, *more: Any) -> Any:
    key = (source, name)
    if key not in _code:
        _code[key] = _compile(self, source, name, *more)
    return _code[key]


def _bare(folder: Path) -> bool:
    return next(folder.iterdir(), None) is None


def write(files: Tree, dest: Path) -> Path:
    """Write a tree into a folder, and return it."""
    for name, text in files.items():
        path = dest / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return dest


def alone(answers: Answers) -> str:
    """Return the command that checks one variant."""
    given = [
        f"{name}={str(value).lower() if isinstance(value, bool) else value}"
        for name, value in answers.items()
        if value != DEFAULTS[name]
    ]
    return " ".join((".venv/bin/python -m tests.variants", *given))
