# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What may hurt on SQLite besides: nothing but what may hurt anywhere."""

from .rules import Rule

DATABASE_RULES: dict[str, Rule] = {}


def is_free(before: str, after: str) -> bool:
    """Whether a column's type changes without a look at its rows.

    Args:
        before: the type as the revision has it.
        after: the new one.
    """
    return before == after
