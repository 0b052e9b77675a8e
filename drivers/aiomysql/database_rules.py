# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The linter's rules for MySQL and MariaDB only. They need no rules."""

from .rules import Rule

DATABASE_RULES: dict[str, Rule] = {}


def is_free(before: str, after: str) -> bool:
    """Whether a column's type changes without reading its rows; a type is as the revision has it."""
    return before == after
