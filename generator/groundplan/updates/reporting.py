"""What an update says: lines for people, JSON for machines."""

import json

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


def versions(current: Release, target: Release, *, as_json: bool) -> None:
    """Say which version a service is on, and which there is."""
    news = current.commit != target.commit
    if as_json:
        click.echo(json.dumps({"current": current.name, "newest": target.name, "news": news}))
    elif news:
        click.echo(f"Groundplan {target.name} is there; this service is on {current.name}.")
    else:
        click.echo(f"This service is up to date, on Groundplan {current.name}.")


def outcome(
    current: Release,
    target: Release,
    merged: Merged,
    notes: list[tuple[str, str]],
    *,
    dry_run: bool,
    passed: bool | None,
    as_json: bool,
) -> None:
    """Say what became of which file, or would; what is in conflict; and what is left to do.

    Args:
        current: the version before.
        target: the version after.
        merged: the merge.
        notes: versions, and what a person has to do for each.
        dry_run: nothing was written.
        passed: whether the service's checks passed; None where they did not run.
        as_json: for machines.
    """
    if as_json:
        click.echo(json.dumps(_facts(current, target, merged, notes, dry_run, passed), indent=2))
        return
    click.echo(f"Groundplan {current.name} -> {target.name}")
    for change in merged.changes:
        click.secho(f"  {change.action:<8}  {change.path}", fg=COLORS.get(change.action))
    for path in merged.left_out:
        click.echo(f"  skip      {path}: you have deleted it")
    for path in merged.kept:
        click.echo(f"  skip      {path}: the template has it no more")
    for name, text in notes:
        click.echo(f"\nTo do by hand for {name}:\n\n{text}")
    click.echo()
    if merged.conflicting:
        would = "would be" if dry_run else "are"
        click.echo(f"{_files(merged.conflicting)} {would} in conflict:", err=True)
        for path in merged.conflicting:
            click.echo(f"  {path}", err=True)
        if not dry_run:
            click.echo(
                "Choose between the lines that `<<<<<<<` and `>>>>>>>` enclose, and `git add` each "
                "file; or take the update back by `git reset --hard`.",
                err=True,
            )
    elif passed is False:
        click.echo("The service's checks fail. `git reset --hard` takes the update back.", err=True)
    elif not dry_run:
        click.echo(AFTERWARDS)


COLORS = {"conflict": "red", "create": "green", "remove": "yellow"}


def _files(paths: list[str]) -> str:
    return "1 file" if len(paths) == 1 else f"{len(paths)} files"


def _facts(
    current: Release,
    target: Release,
    merged: Merged,
    notes: list[tuple[str, str]],
    dry_run: bool,
    passed: bool | None,
) -> dict[str, object]:
    return {
        "current": current.name,
        "target": target.name,
        "dry_run": dry_run,
        "changes": [{"path": change.path, "action": change.action} for change in merged.changes],
        "conflicts": merged.conflicting,
        "deleted_here": sorted(merged.left_out),
        "renamed_here": sorted(merged.kept),
        "notes": [{"version": name, "text": text} for name, text in notes],
        "verified": passed,
    }
