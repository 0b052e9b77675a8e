"""Carry out what a command planned: show it, decide its conflicts, apply it, and say what is left."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import click

from ..errors import Refusal
from . import journal, records, show
from .fingerprint import Fingerprint
from .plan import Action, FileChange, FilePlan, make


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a person said on the command line about the way to do it.

    Attributes:
        dry_run: write nothing.
        force: overwrite files that are in conflict.
        diff: show what changes within the files.
        json: say everything as data, on standard output.
    """

    dry_run: bool = False
    force: bool = False
    diff: bool = False
    json: bool = False


def execute(
    plan: FilePlan,
    options: Options,
    *,
    command: str,
    built_on: Fingerprint,
    record: str | None = None,
    by_hand: Sequence[str] = (),
    next_steps: Sequence[str] = (),
    first: Callable[[], None] | None = None,
) -> None:
    """Carry out a plan, or with `dry_run` say exactly what that would say.

    Args:
        command: the canonical command, which is echoed.
        built_on: the project's stamp from before the command read it.
        record: the app in whose record this is noted for `destroy`, if in any.
        by_hand: what could not be done, as the lines to add by hand.
        next_steps: the commands that are still to be run.
        first: what is done when all is shown, and before it is applied; it may refuse.

    Raises:
        Refusal: files are in conflict and nobody can be asked, or a file cannot be written.
        click.exceptions.Exit: with 1, when something is left to be done by hand.
    """
    asking = bool(plan.conflicts) and not (options.force or options.dry_run or options.json)
    decided = plan.overwriting() if options.force else plan
    if asking and sys.stdin.isatty():
        decided = _ask(decided)
    full = decided if record is None else _with_record(decided, record, command)
    if options.json:
        _print_data(full, command, by_hand, next_steps)
    else:
        click.echo(f"{command}\n")
        for line in show.lines(full, with_diff=options.diff):
            click.echo(line)
    if full.conflicts:
        raise _conflict(full)
    if not options.dry_run:
        if first is not None:
            first()
        journal.apply(full, built_on)
    if not options.json:
        _print_rest(by_hand, next_steps)
    if by_hand:
        raise click.exceptions.Exit(1)


def _with_record(plan: FilePlan, app: str, command: str) -> FilePlan:
    """Add the record of what is made, as a file of the plan's own."""
    if not plan.writes:
        return plan
    kept = records.load(plan.root, app) or records.Record(app)
    step = records.step(command, plan.changes)
    text = replace(kept, steps=(*kept.steps, step)).text()
    added = make(plan.root, edits={kept.path: text})
    return replace(plan, changes=(*plan.changes, *added.changes))


def _ask(plan: FilePlan) -> FilePlan:
    """Ask for each file in conflict whether to overwrite it; Enter keeps it."""
    for change in plan.conflicts:
        plan = plan.settle(change.path, _decide(change))
    return plan


def _decide(change: FileChange) -> Action:
    click.echo(show.line(change))
    while True:
        answer = click.prompt(
            "Overwrite it? y: yes, n: keep it, d: show the difference, q: change nothing at all",
            default="n",
            type=click.Choice(["y", "n", "d", "q"], case_sensitive=False),
            show_choices=False,
        )
        if answer == "q":
            raise click.exceptions.Exit(1)
        if answer != "d":
            return Action.UPDATE if answer == "y" else Action.SKIP
        for line in show.diff(change):
            click.echo(line)


def _conflict(plan: FilePlan) -> Refusal:
    names = ", ".join(str(change.path) for change in plan.conflicts)
    problem = f"{names}: there already, with another text. Nothing was changed"
    return Refusal(problem, "Look at it with --diff, and overwrite with --force.")


def _print_data(
    plan: FilePlan, command: str, by_hand: Sequence[str], next_steps: Sequence[str]
) -> None:
    data = {
        "command": command,
        "changes": show.data(plan),
        "by_hand": list(by_hand),
        "next": list(next_steps),
    }
    click.echo(json.dumps(data, indent=2))


def _print_rest(by_hand: Sequence[str], next_steps: Sequence[str]) -> None:
    if by_hand:
        click.echo("\nThis could not be done. By hand:\n")
        for text in by_hand:
            click.echo("\n".join(f"    {line}" for line in text.split("\n")))
    if next_steps:
        click.echo("\nThe next steps:\n")
        for step in next_steps:
            click.echo(f"    {step}")
