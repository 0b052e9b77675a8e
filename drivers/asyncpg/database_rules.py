# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What may hurt on PostgreSQL besides: statements that lock a table for as long as they read it."""

import re

from .rules import Rule

SIZE = re.compile(r"length=(\d+)")
TEXTS = ("String", "VARCHAR", "Text", "TEXT")

DATABASE_RULES = {
    "migrations.W108": Rule(
        "nobody can write to the table while the index is built.",
        "Build it by steps.create_index, CONCURRENTLY, alone in its revision.",
        "create_index",
        frozenset({"postgresql_concurrently"}),
    ),
    "migrations.W109": Rule(
        "nobody can write to either table while every row is looked up.",
        "Add it with postgresql_not_valid=True, and validate it by steps.validate in a revision "
        "of its own.",
        "create_foreign_key",
        frozenset({"postgresql_not_valid"}),
    ),
    "migrations.W110": Rule(
        "nobody can use the table while every row is checked.",
        "Add it with postgresql_not_valid=True, and validate it by steps.validate in a revision "
        "of its own.",
        "create_check_constraint",
        frozenset({"postgresql_not_valid"}),
    ),
    "migrations.W111": Rule(
        "nobody can use the table while the index behind it is built.",
        "Build a unique index by steps.create_index, alone in its revision, and make it the "
        "constraint by steps.adopt_index.",
        "create_unique_constraint",
    ),
}


def is_free(before: str, after: str) -> bool:
    """Whether PostgreSQL changes a column's type without looking at its rows.

    Args:
        before: the type as the revision has it.
        after: the new one.
    """
    kinds = [kind.removeprefix("sa.").partition("(")[0] for kind in (before, after)]
    if not all(kind in TEXTS for kind in kinds):
        return False
    old, new = (SIZE.search(kind) for kind in (before, after))
    return new is None or (old is not None and int(old[1]) <= int(new[1]))
