"""The revision for edited models, written by the project's own `makemigrations` in a copy."""

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from ..errors import Refusal
from . import management, revisions
from .management import Unasked
from .project import Project

# What a project runs from, and what only its copy changes. Everything else is linked.
COPIED = ("manage.py", "migrations", "pyproject.toml")
IGNORED = shutil.ignore_patterns("__pycache__")
CREATED = re.compile(r"(?m)^Created: .*\n")


@dataclass(frozen=True)
class Draft:
    """A revision that is not written yet; None as its path if the tables do not change."""

    path: PurePosixPath | None
    text: str = ""


def draft(
    project: Project,
    edits: Mapping[PurePosixPath, str],
    title: str,
    renames: Sequence[str],
) -> Draft:
    """Return the revision that a project's edited models need.

    The id depends on the content, not on time.

    Args:
        edits: the new texts of existing files, by paths relative to the project.
        title: of the revision, as in `rename title of products to name`.
        renames: as `makemigrations --rename` takes them.

    Raises:
        Refusal: the database does not answer, revisions are pending, or the models had changes
            without a revision before.
    """
    with TemporaryDirectory(prefix="groundplan-") as name:
        root = Path(name)
        for entry in project.root.iterdir():
            if entry.name not in (*COPIED, project.package, ".git", ".groundplan-journal"):
                (root / entry.name).symlink_to(entry.resolve())
        for copied in (*COPIED, project.package):
            source = project.root / copied
            if source.is_dir():
                shutil.copytree(source, root / copied, ignore=IGNORED)
            elif source.exists():
                shutil.copy(source, root / copied)
        python = _python(project)
        _refuse_changes(root, python)
        for path, text in edits.items():
            if (root / path.parts[0]).is_dir() and not (root / path.parts[0]).is_symlink():
                (root / path).write_bytes(text.encode("utf-8", "surrogateescape"))
        known = set((root / "migrations/versions").glob("*.py"))
        answers = [part for rename in renames for part in ("--rename", rename)]
        done = management.run(root, python, "makemigrations", "-m", title, *answers)
        if done.returncode != 0:
            raise Refusal(
                f"`manage.py makemigrations` failed: {management.last_line(done.stderr)}",
                "Nothing was changed. Correct that, and run the command again.",
            )
        made = set((root / "migrations/versions").glob("*.py")) - known
        return _named(project, title, made.pop().read_text("utf-8")) if made else Draft(None)


def _python(project: Project) -> Path:
    try:
        return management.python(project)
    except Unasked as reason:
        raise Refusal(f"Cannot write the revision: {reason}", "Run `uv sync` first.") from None


def _refuse_changes(root: Path, python: Path) -> None:
    try:
        done = management.run(root, python, "makemigrations", "--check")
    except Unasked as reason:
        raise Refusal(f"Cannot write the revision: {reason}", "Nothing was changed.") from None
    if done.returncode == 0:
        return
    if done.stderr.strip():
        problem = f"Cannot write the revision: {management.last_line(done.stderr)}"
        raise Refusal(problem, "Nothing was changed.")
    raise Refusal(
        f"The models have changes without a revision: {done.stdout.strip().splitlines()[0].strip()}",
        "Run `manage.py makemigrations` and `manage.py migrate` first.",
    )


def _named(project: Project, title: str, text: str) -> Draft:
    """Give a revision the name and the id of one that startapp or addfield writes."""
    number = len(revisions.read(project.versions)) + 1
    path = PurePosixPath("migrations", "versions", f"{number:04}_{title.replace(' ', '_')}.py")
    text = CREATED.sub("", text)
    found = re.search(r'(?m)^revision = "(\w+)"$', text)
    assert found is not None
    content = text.replace(found[1], "")
    return Draft(path, text.replace(found[1], sha256(content.encode()).hexdigest()[:12]))
