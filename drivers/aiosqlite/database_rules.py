# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The linter's rules for SQLite only. SQLite needs no rules."""

from collections.abc import Iterable

from .rules import Call, Rule

DATABASE_RULES: dict[str, Rule] = {}


def find_unsafe(call: Call) -> Iterable[tuple[str, str]]:
    """Return the ids of these rules that an operation breaks, with its subject."""
    return ()


def is_free(before: str, after: str) -> bool:
    """Whether a column's type changes without reading its rows; a type is as the revision has it."""
    return before == after
