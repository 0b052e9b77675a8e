"""Renders variants as text: each file of a project by its path; equal texts are stored once."""

import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from sys import intern

from copier import run_copy

from ..support.projects import ROOT, copy_working_tree
from ..support.rendering import quickly
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
