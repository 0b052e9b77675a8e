"""Show a plan: a line a file for people, JSON for programs."""

import difflib
from collections.abc import Iterator
from typing import Any

import click

from .plan import Action, FileChange, FilePlan

COLUMN = 12  # characters
COLORS = {
    Action.CREATE: "green",
    Action.IDENTICAL: "blue",
    Action.UPDATE: "green",
    Action.CONFLICT: "red",
    Action.SKIP: "yellow",
    Action.REMOVE: "red",
}


def status(word: str, what: object, color: str | None = None) -> str:
    """Return a line whose first word is right-justified in the column of status words."""
    return f"{click.style(word.rjust(COLUMN), fg=color, bold=True)}  {what}"


def line(change: FileChange) -> str:
    return status(change.action, change.path, COLORS[change.action])


def lines(plan: FilePlan, *, with_diff: bool = False) -> Iterator[str]:
    """Yield a line for each file, and optionally its diff."""
    for change in plan.changes:
        yield line(change)
        if with_diff and change.before != change.after:
            yield from diff(change)


def diff(change: FileChange) -> Iterator[str]:
    """Yield a file's unified diff in git's colours."""
    before, after = _lines(change.before), _lines(change.after)
    names = (
        f"a/{change.path}" if change.before is not None else "/dev/null",
        f"b/{change.path}" if change.after is not None else "/dev/null",
    )
    for number, text in enumerate(difflib.unified_diff(before, after, *names, lineterm="")):
        color = None if number < 2 else {"+": "green", "-": "red", "@": "cyan"}.get(text[:1])
        yield click.style(text, fg=color, bold=number < 2)


def data(plan: FilePlan) -> list[dict[str, Any]]:
    """Return a plan as data: each file's action, path and new text."""
    return [
        {
            "action": str(change.action),
            "path": str(change.path),
            "text": None if change.after is None else _text(change.after),
        }
        for change in plan.changes
    ]


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _lines(content: bytes | None) -> list[str]:
    if content is None:
        return []
    text = _text(content)
    found = text.split("\n")
    if found[-1] == "":
        return found[:-1]
    return [*found[:-1], f"{found[-1]}\n\\ No newline at end of file"]
