"""Revert an app's migrations before their files go, with the consent of who asked."""

import sys
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath

import click

from ..errors import NoTerminal, Refusal
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


def refuse_later(project: Project, made: Sequence[Revision]) -> None:
    """Refuse to take revisions away that others follow.

    Raises:
        Refusal: a revision that stays follows one that goes.
    """
    going = {revision.id for revision in made}
    for revision in revisions.read(project.versions).values():
        parents = going & set(revision.parents)
        if parents and revision.id not in going:
            name = revision.file.name
            problem = f"{name!r} follows revision {', '.join(sorted(parents))}, which would go"
            fix = "Take that back first: groundplan destroy, or delete the revision by hand."
            raise Refusal(problem, fix)


def confirm(project: Project, app: str, made: Sequence[Revision], *, yes: bool) -> None:
    """Ask before anything goes, and say what the database has.

    Raises:
        NoTerminal: nobody can be asked.
        click.exceptions.Exit: with 1, when the answer is no.
    """
    said = _said(project, made)
    if yes:
        if said:
            click.echo(said, err=True)
        return
    if not sys.stdin.isatty():
        raise NoTerminal(f"{app!r}: to destroy it needs a yes", "Say --yes.")
    if said:
        click.echo(said)
    if not click.confirm(f"Destroy {app}?", default=False):
        raise click.exceptions.Exit(1)


def revert(project: Project, made: Sequence[Revision]) -> None:
    """Bring the database to where it was before these revisions, where it has one of them.

    Raises:
        Refusal: it cannot be brought there.
    """
    if made and _database_has(project, made):
        parents = made[-1].parents
        management.migrate(project, parents[0] if parents else "base")


def _said(project: Project, made: Sequence[Revision]) -> str:
    if not made:
        return ""
    names = ", ".join(revision.id for revision in made)
    try:
        has = any(management.applied(project, revision.id) for revision in made)
    except Unasked as error:
        return (
            f"Whether the database has revision {names} is not known: {error}. "
            "If it has, revert it before the files go: manage.py migrate."
        )
    return f"The database has revision {names}: its tables and their rows go first." if has else ""


def _database_has(project: Project, made: Sequence[Revision]) -> bool:
    try:
        return any(management.applied(project, revision.id) for revision in made)
    except Unasked:
        return False  # said, and agreed to
