# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Rules for PostgreSQL only: statements that lock a table while they read it."""

import re

from .rules import Rule

SIZE = re.compile(r"length=(\d+)")
TEXTS = ("String", "VARCHAR", "Text", "TEXT")

DATABASE_RULES = {
    "migrations.W108": Rule(
        "writes to the table wait while the index is built.",
        "Create it with steps.create_index, which is CONCURRENTLY, in a revision by itself.",
        "create_index",
        frozenset({"postgresql_concurrently"}),
    ),
    "migrations.W109": Rule(
        "writes to both tables wait while every row is checked.",
        "Add it with postgresql_not_valid=True, and validate it with steps.validate in another "
        "revision.",
        "create_foreign_key",
        frozenset({"postgresql_not_valid"}),
    ),
    "migrations.W110": Rule(
        "all use of the table waits while every row is checked.",
        "Add it with postgresql_not_valid=True, and validate it with steps.validate in another "
        "revision.",
        "create_check_constraint",
        frozenset({"postgresql_not_valid"}),
    ),
    "migrations.W111": Rule(
        "all use of the table waits while its index is built.",
        "Create a unique index with steps.create_index in a revision by itself, and turn it into "
        "the constraint with steps.adopt_index.",
        "create_unique_constraint",
    ),
    "migrations.W112": Rule(
        "values of a native enum cannot be removed, and a change of its values is not detected.",
        "Use enum_by_value, which stores texts and guards them by a CHECK.",
    ),
}


def is_free(before: str, after: str) -> bool:
    """Whether PostgreSQL changes a column's type without reading its rows; a type is as the revision has it."""
    kinds = [kind.removeprefix("sa.").partition("(")[0] for kind in (before, after)]
    if not all(kind in TEXTS for kind in kinds):
        return False
    old, new = (SIZE.search(kind) for kind in (before, after))
    return new is None or (old is not None and int(old[1]) <= int(new[1]))
