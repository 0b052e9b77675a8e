"""What an update says: lines for people, JSON for machines."""

import json
from dataclasses import dataclass

import click

from .merging import Merged
from .releases import Release

AFTERWARDS = """\
Look at it by `git diff --cached`, bring the service up to date, and commit:

    uv sync
    uv run python manage.py migrate
    uv run python manage.py check
    uv run python manage.py test

`git reset --hard` takes it back instead."""
RESOLVE = """\

Choose between the lines that `<<<<<<<` and `>>>>>>>` enclose, and `git add` each file; or take the
update back by `git reset --hard`."""


def versions(current: Release, target: Release, *, as_json: bool) -> None:
    """Say which version a service is on, and which there is."""
    news = current.commit != target.commit
    if as_json:
        click.echo(json.dumps({"current": current.name, "newest": target.name, "news": news}))
    elif news:
        click.echo(f"Groundplan {target.name} is there; this service is on {current.name}.")
    else:
        click.echo(f"This service is up to date, on Groundplan {current.name}.")


@dataclass(frozen=True)
class Outcome:
    """What an update does.

    Attributes:
        current: the version before.
        target: the version after.
        merged: the merge.
        notes: versions, and what a person has to do for each.
        dry_run: nothing is written.
    """

    current: Release
    target: Release
    merged: Merged
    notes: list[tuple[str, str]]
    dry_run: bool


def plan(outcome: Outcome) -> None:
    """Say what becomes of which file, and what is left for a person."""
    merged = outcome.merged
    click.echo(f"Groundplan {outcome.current.name} -> {outcome.target.name}")
    for change in merged.changes:
        click.secho(f"  {change.action:<8}  {change.path}", fg=COLORS.get(change.action))
    for path in merged.left_out:
        click.echo(f"  skip      {path}: you have deleted it")
    for path in merged.kept:
        click.echo(f"  skip      {path}: the template has it no more")
    for name, text in outcome.notes:
        click.echo(f"\nTo do by hand for {name}:\n\n{text}")


def end(outcome: Outcome, *, passed: bool | None) -> None:
    """Say what is in conflict, or else what comes next.

    Args:
        outcome: the update.
        passed: whether the service's checks have; None where they did not run.
    """
    conflicting = outcome.merged.conflicting
    if conflicting:
        would = "would be" if outcome.dry_run else "are"
        files = "1 file" if len(conflicting) == 1 else f"{len(conflicting)} files"
        click.echo(f"\nIn conflict {would} {files}:", err=True)
        for path in conflicting:
            click.echo(f"  {path}", err=True)
        if not outcome.dry_run:
            click.echo(RESOLVE, err=True)
    elif passed is False:
        click.echo("\nChecks fail. `git reset --hard` takes the update back.", err=True)
    elif not outcome.dry_run:
        click.echo(f"\n{AFTERWARDS}")


def as_json(outcome: Outcome, *, passed: bool | None) -> None:
    """Say all of it for machines."""
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
        "verified": passed,
    }
    click.echo(json.dumps(facts, indent=2))


COLORS = {"conflict": "red", "create": "green", "remove": "yellow"}
