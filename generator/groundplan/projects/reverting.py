"""Revert an app's migrations before their files are removed, after asking."""

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
    """Return the revisions in these files, the last one first."""
    files = {project.root / path for path in paths}
    all_of = revisions.read(project.versions)
    made = {key: revision for key, revision in all_of.items() if revision.file in files}
    ordered: list[Revision] = []
    while made:
        last = next(key for key in made if not revisions.children(made, key))
        ordered.append(made.pop(last))
    return ordered


def later(project: Project, made: Sequence[Revision]) -> list[Revision]:
    """Return the remaining revisions that follow a removed one, directly or indirectly."""
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
    """Ask whether to destroy apps, and say what the database has.

    Args:
        yes: do not ask.

    Returns:
        Whether the database has one of the revisions.

    Raises:
        NoTerminal: there is no terminal to ask at.
        Refusal: with `yes`, the database cannot be asked.
        click.exceptions.Exit: with 1, when the answer is no.
    """
    names = ", ".join(revision.id for revision in made)
    has, reason = False, None
    if made:
        try:
            has = not management.applied(project).isdisjoint(revision.id for revision in made)
        except Unasked as error:
            reason = f"Cannot tell whether the database has revision {names}: {error}"
    if yes and reason:
        fix = "Correct that, or remove only the files with --keep-database"
        raise Refusal(f"{reason}; nothing was changed", fix)
    if not yes and not sys.stdin.isatty():
        raise NoTerminal(f"Destroying {', '.join(apps)} needs a confirmation", "Pass --yes.")
    if has:
        warning = f"The database has revision {names}. Its tables and their rows are dropped first."
        click.echo(warning, err=yes)
    elif reason:
        click.echo(f"{reason}. If it has, revert it first: manage.py migrate.")
    if not yes and not click.confirm(f"Destroy {', '.join(apps)}?", default=False):
        raise click.exceptions.Exit(1)
    return has


def revert(project: Project, made: Sequence[Revision]) -> None:
    """Migrate the database to the revision before these.

    Raises:
        Refusal: the migration fails.
    """
    parents = made[-1].parents
    management.migrate(project, parents[0] if parents else "base")
