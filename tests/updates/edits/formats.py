"""Edits that change the format of files: line endings, notices, links, modes."""

import re
from collections.abc import Callable
from pathlib import Path

from .edit import PACKAGE, Edit, after, append, replace, rewrite, together

CORE = f"{PACKAGE}/core"


def crlf(name: str, *patterns: str, then: Edit | None = None, **facts: bool) -> Edit:
    """Give files CRLF line endings, before or after another edit."""

    def make(root: Path) -> None:
        if then is not None:
            then.make(root)
        paths = [path for pattern in patterns for path in root.glob(pattern) if path.is_file()]
        assert paths
        for path in paths:
            path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

    return Edit(name, make, alone=True, **facts)


def linked(name: str, path: str, target: str, **facts: bool) -> Edit:
    """Replace a file by a link, or add one."""

    def make(root: Path) -> None:
        file = root / path
        if file.exists():
            moved = (file.parent / target).resolve()
            moved.parent.mkdir(parents=True, exist_ok=True)
            file.rename(moved)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.symlink_to(target)

    return Edit(name, make, alone=True, **facts)


def each(name: str, pattern: str, change: Callable[[str], str], **facts: bool) -> Edit:
    """Change all files of a pattern."""

    def make(root: Path) -> None:
        for path in root.glob(pattern):
            path.write_text(change(path.read_text()))

    return Edit(name, make, alone=True, **facts)


def executable(root: Path) -> None:
    root.joinpath("manage.py").chmod(0o755)
    root.joinpath(CORE, "web/health.py").chmod(0o755)


MINE = append("a line of its own", f"{CORE}/web/health.py", "\n\n# ours: probes of the mesh\n")

EDITS = (
    crlf("CRLF in one file of core", f"{CORE}/web/health.py"),
    crlf("CRLF in one file of core, and a line of one's own", f"{CORE}/web/health.py", then=MINE),
    crlf("CRLF in all Python files", "**/*.py"),
    crlf("CRLF in .gitignore, and a pattern", ".gitignore", then=append("a pattern", ".gitignore", "/data/\n")),
    crlf("CRLF in the workflow", ".github/workflows/*.yml"),
    crlf("CRLF in pyproject.toml, and a dependency", "pyproject.toml", then=after("a dependency", "pyproject.toml", "dependencies = [", '    "aiocache>=0.12",\n')),
    crlf("CRLF in the files for containers", "Dockerfile", "compose.yaml", ".dockerignore"),
    crlf("CRLF in migrations, and a remark", "migrations/**/*.py", then=append("a remark", "migrations/env.py", "\n\n# ours\n")),
    crlf("CRLF in the owner's files", f"{PACKAGE}/apps/**/*.py", f"{PACKAGE}/settings.py", "README.md"),
    rewrite("no line ending at the end of the README", "README.md", lambda text: text.rstrip("\n"), alone=True),
    rewrite("blank lines at the end of a file of core", f"{CORE}/web/health.py", lambda text: f"{text}\n\n", alone=True),
    each("single quotes in the apps", f"{PACKAGE}/apps/**/*.py", lambda text: text.replace('"', "'")),
    rewrite("a BOM in a test", "tests/ledger/test_accounts.py", lambda text: f"\ufeff{text}", alone=True),
    each("a copyright notice in each app", f"{PACKAGE}/apps/**/*.py", lambda text: f"# © Ada Ltd.\n{text}"),
    rewrite(
        "YAML with other quotes",
        "compose.yaml",
        lambda text: re.sub(r'"([^"\'$]*)"', r"'\1'", text),
        alone=True,
        conflicts=True,
        of_servers=True,
    ),
    Edit("executable files", executable, alone=True),
    linked("a link to the README", "docs/README.md", "../README.md"),
    linked("a link to nowhere", "data", "/srv/data"),
    linked("a test that is a link", "tests/blog/test_reports.py", "../shared/test_reports.py"),
    linked("a file of core that is a link", f"{CORE}/web/health.py", "../../../shared/health.py", conflicts=True),
    linked("a link to a folder", "tests/blog/data", "../../data"),
    linked("a link for an assistant", "CLAUDE.md", "AGENTS.md"),
    together(
        "a longer line in settings, as the formatter breaks it",
        replace(
            "apps", f"{PACKAGE}/settings.py",
            '        "blog",\n        "ledger",\n', '        "blog",\n        "ledger",\n        # "shop" comes later\n',
        ),
        alone=True,
    ),
)  # fmt: skip
