"""Execute a command's plan: show it, decide its conflicts, write it, and print what is left to do."""

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
    """The command line's options for executing a plan.

    Attributes:
        dry_run: write nothing.
        force: overwrite files in conflict.
        diff: show the changes within files.
        json: print everything as JSON on standard output.
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
    notes: Sequence[str] = (),
    next_steps: Sequence[str] = (),
    first: Callable[[], None] | None = None,
) -> None:
    """Execute a plan, or with `dry_run` print exactly what that would print.

    Args:
        command: the canonical command, which is printed first.
        built_on: the project's fingerprint from before the command read it.
        record: the app whose record `destroy` will read, if any.
        by_hand: lines that the user has to add.
        notes: sentences to print before the next steps.
        next_steps: the commands to run next.
        first: called after the plan is shown and before it is written; it may refuse.

    Raises:
        Refusal: files are in conflict and there is no terminal, or a file cannot be written.
        click.exceptions.Exit: with 1, if lines have to be added by hand.
    """
    asking = bool(plan.conflicts) and not (options.force or options.dry_run or options.json)
    decided = plan.overwriting() if options.force else plan
    if asking and sys.stdin.isatty():
        decided = _ask(decided)
    full = decided if record is None else _with_record(decided, record, command)
    if options.json:
        _print_data(full, command, by_hand, notes, next_steps)
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
        _print_rest(by_hand, notes, next_steps)
    if by_hand:
        raise click.exceptions.Exit(1)


def _with_record(plan: FilePlan, app: str, command: str) -> FilePlan:
    """Add the app's record to the plan."""
    if not plan.writes:
        return plan
    kept = records.load(plan.root, app) or records.Record(app)
    step = records.step(command, plan.changes)
    text = replace(kept, steps=(*kept.steps, step)).text()
    added = make(plan.root, edits={kept.path: text})
    return replace(plan, changes=(*plan.changes, *added.changes))


def _ask(plan: FilePlan) -> FilePlan:
    """Ask whether to overwrite each file in conflict. Enter keeps it."""
    for change in plan.conflicts:
        plan = plan.settle(change.path, _decide(change))
    return plan


def _decide(change: FileChange) -> Action:
    click.echo(show.line(change))
    while True:
        answer = click.prompt(
            "Overwrite it? y: yes, n: no, d: show the differences, q: quit and change nothing",
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
    problem = f"{names} already exists with different content; nothing was changed"
    return Refusal(problem, "See the differences with --diff, or overwrite with --force.")


def _print_data(
    plan: FilePlan,
    command: str,
    by_hand: Sequence[str],
    notes: Sequence[str],
    next_steps: Sequence[str],
) -> None:
    data = {
        "command": command,
        "changes": show.data(plan),
        "by_hand": list(by_hand),
        "notes": list(notes),
        "next": list(next_steps),
    }
    click.echo(json.dumps(data, indent=2))


def _print_rest(by_hand: Sequence[str], notes: Sequence[str], next_steps: Sequence[str]) -> None:
    if by_hand:
        click.echo("\nThis could not be done automatically. By hand:\n")
        for text in by_hand:
            click.echo("\n".join(f"    {line}" for line in text.split("\n")))
    for note in notes:
        click.echo(f"\n{note}")
    if next_steps:
        click.echo("\nNext steps:\n")
        for step in next_steps:
            click.echo(f"    {step}")
