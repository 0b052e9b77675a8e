"""Revert an app's migrations before their files go, with the consent of who asked."""

import sys
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath

import click

from ..errors import NoTerminal
from . import management, revisions
from .management import Unasked
from .project import Project
from .revisions import Revision


def made_by(project: Project, paths: Collection[PurePosixPath]) -> list[Revision]:
    """Return the revisions whose files are among these, the last one first."""
    files = {project.root / path for path in paths}
    all_of = revisions.read(project.versions)
    made = {key: revision for key, revision in all_of.items() if revision.file in files}
    ordered: list[Revision] = []
    while made:
        last = next(key for key in made if not revisions.children(made, key))
        ordered.append(made.pop(last))
    return ordered


def later(project: Project, made: Sequence[Revision]) -> list[Revision]:
    """Return the revisions that stay and follow one that goes, directly or through others."""
    all_of = revisions.read(project.versions)
    going = {revision.id for revision in made}
    found: list[Revision] = []
    while True:
        above = going | {revision.id for revision in found}
        following = [
            revision
            for key, revision in all_of.items()
            if key not in above and above & set(revision.parents)
        ]
        if not following:
            return found
        found += following


def confirm(project: Project, apps: Sequence[str], made: Sequence[Revision], *, yes: bool) -> bool:
    """Ask before anything goes, and say what the database has.

    Returns:
        Whether the database has one of the revisions.

    Raises:
        NoTerminal: nobody can be asked.
        click.exceptions.Exit: with 1, when the answer is no.
    """
    has, said = _found(project, made)
    if yes:
        if said:
            click.echo(said, err=True)
        return has
    if not sys.stdin.isatty():
        raise NoTerminal(f"{', '.join(apps)!r}: to destroy it needs a yes", "Say --yes.")
    if said:
        click.echo(said)
    if not click.confirm(f"Destroy {', '.join(apps)}?", default=False):
        raise click.exceptions.Exit(1)
    return has


def revert(project: Project, made: Sequence[Revision]) -> None:
    """Bring the database to where it was before these revisions.

    Raises:
        Refusal: it cannot be brought there.
    """
    parents = made[-1].parents
    management.migrate(project, parents[0] if parents else "base")


def _found(project: Project, made: Sequence[Revision]) -> tuple[bool, str]:
    """Whether the database has one of the revisions, and what there is to say of that."""
    if not made:
        return False, ""
    names = ", ".join(revision.id for revision in made)
    try:
        has = not management.applied(project).isdisjoint(revision.id for revision in made)
    except Unasked as error:
        return False, (
            f"Whether the database has revision {names} is not known: {error}. "
            "If it has, revert it before the files go: manage.py migrate."
        )
    if not has:
        return False, ""
    return True, f"The database has revision {names}: its tables and their rows go first."
