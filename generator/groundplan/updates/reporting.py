"""The output of an update: lines for people, JSON for programs."""

import json
from dataclasses import dataclass

import click

from .merging import Merged
from .releases import Release

AFTERWARDS = """\
review the update with `git diff --cached`, bring the service up to date, and commit:

    uv sync
{revise}    uv run python manage.py migrate
    uv run python manage.py check
    uv run python manage.py test
    git add --all && git commit -m 'Update from Groundplan'

To undo {what} instead: `git reset --hard`."""
REVISE = "    uv run python manage.py makemigrations -m 'update core'\n"
RESOLVE = """\

In each file, choose between the lines that `<<<<<<<` and `>>>>>>>` enclose, then run `git add`."""
REPLACED = """\

{path} is a link in this service, and a file in the template.
Keep the link with `git add {path}`, or take the template's file with `git checkout --theirs {path}` and `git add {path}`."""


def versions(current: Release, target: Release, *, as_json: bool) -> None:
    """Print the service's version and the newest one."""
    news = current.commit != target.commit
    if as_json:
        click.echo(json.dumps({"current": current.name, "newest": target.name, "news": news}))
    elif news:
        click.echo(f"Groundplan {target.name} is available. This service is on {current.name}.")
    else:
        click.echo(f"This service is up to date (Groundplan {current.name}).")


@dataclass(frozen=True)
class Outcome:
    """What an update did, or with `dry_run` would do.

    Attributes:
        current: the version before.
        target: the version after.
        merged: the merge.
        notes: versions, and the manual steps of each.
        tables: the modules of `core` whose tables change.
        dry_run: nothing was written.
    """

    current: Release
    target: Release
    merged: Merged
    notes: list[tuple[str, str]]
    tables: list[str]
    dry_run: bool


def plan(outcome: Outcome) -> None:
    """Print the changed files and the manual steps."""
    merged = outcome.merged
    click.echo(f"Groundplan {outcome.current.name} -> {outcome.target.name}")
    for change in merged.changes:
        click.secho(f"  {change.action:<8}  {change.path}", fg=COLORS.get(change.action))
    for path in merged.left_out:
        click.echo(f"  skip      {path}: you have deleted it")
    for path in merged.kept:
        click.echo(f"  skip      {path}: you have renamed it, and the template has removed it")
    for name, text in outcome.notes:
        click.echo(f"\nManual steps for {name}:\n\n{text}")
    if outcome.tables:
        changed = ", ".join(outcome.tables)
        click.echo(f"\nTables of core change in {changed}: the service needs a revision.")


def end(outcome: Outcome, *, passed: bool | None) -> None:
    """Print the conflicts, or else the next steps.

    Args:
        outcome: the update.
        passed: whether the service's checks passed, or None if they did not run.
    """
    conflicting = outcome.merged.conflicting
    if conflicting:
        files = "1 file" if len(conflicting) == 1 else f"{len(conflicting)} files"
        would = "would be" if outcome.dry_run else "is" if len(conflicting) == 1 else "are"
        click.echo(f"\n{files} {would} in conflict:", err=True)
        replaced = outcome.merged.replaced
        for path in conflicting:
            click.echo(f"  {path}", err=True)
        if outcome.dry_run:
            return
        for path in sorted(replaced):
            click.echo(REPLACED.format(path=path), err=True)
        if len(replaced) < len(conflicting):
            click.echo(RESOLVE, err=True)
        click.echo(f"\nThen {_afterwards(outcome, undo='the update')}", err=True)
    elif passed is False:
        click.echo("\nChecks failed. To undo the update: `git reset --hard`.", err=True)
    elif not outcome.dry_run:
        steps = _afterwards(outcome, undo="it")
        click.echo(f"\n{steps[0].upper()}{steps[1:]}")


def _afterwards(outcome: Outcome, *, undo: str) -> str:
    return AFTERWARDS.format(revise=REVISE if outcome.tables else "", what=undo)


def as_json(outcome: Outcome, *, passed: bool | None) -> None:
    """Print everything as JSON."""
    merged = outcome.merged
    facts = {
        "current": outcome.current.name,
        "target": outcome.target.name,
        "dry_run": outcome.dry_run,
        "changes": [{"path": change.path, "action": change.action} for change in merged.changes],
        "conflicts": merged.conflicting,
        "deleted_here": sorted(merged.left_out),
        "renamed_here": sorted(merged.kept),
        "notes": [{"version": name, "text": text} for name, text in outcome.notes],
        "revision_needed": outcome.tables,
        "verified": passed,
    }
    click.echo(json.dumps(facts, indent=2))


COLORS = {"conflict": "red", "create": "green", "remove": "yellow"}
