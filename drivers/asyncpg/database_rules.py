# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Rules for PostgreSQL only: statements that lock a table while they read it."""

import ast
import re
from collections.abc import Iterable

from .rules import Call, Rule, is_false, name_of, text

SIZE = re.compile(r"length=(\d+)")
TEXTS = ("String", "VARCHAR", "Text", "TEXT")

DATABASE_RULES = {
    "migrations.W108": Rule(
        "writes to the table wait while the index is built.",
        "Create it with steps.create_index, which is CONCURRENTLY, in a revision by itself.",
    ),
    "migrations.W109": Rule(
        "writes to both tables wait while every row is checked.",
        "Add it with postgresql_not_valid=True, and validate it with steps.validate in another "
        "revision.",
    ),
    "migrations.W110": Rule(
        "all use of the table waits while every row is checked.",
        "Add it with postgresql_not_valid=True, and validate it with steps.validate in another "
        "revision.",
    ),
    "migrations.W111": Rule(
        "all use of the table waits while its index is built.",
        "Create a unique index with steps.create_index in a revision by itself, and turn it into "
        "the constraint with steps.adopt_index.",
    ),
    "migrations.W112": Rule(
        "values of a native enum cannot be removed, and a change of its values is not detected.",
        "Use enum_by_value, which stores texts and guards them by a CHECK.",
        of_new_tables=True,
    ),
}
# The rules by operation, each with the option that makes it safe.
LOCKING = {
    "create_index": ("migrations.W108", "postgresql_concurrently"),
    "create_foreign_key": ("migrations.W109", "postgresql_not_valid"),
    "create_check_constraint": ("migrations.W110", "postgresql_not_valid"),
    "create_unique_constraint": ("migrations.W111", ""),
}


def find_unsafe(call: Call) -> Iterable[tuple[str, str]]:
    """Yield the ids of these rules that an operation breaks, with its subject."""
    if has_native_enum(call):
        yield "migrations.W112", f"a column of {call.table}"
    id, safe = LOCKING.get(call.name, ("", ""))
    if id and safe not in call.named:
        yield id, f"{text(call.positional[0])} on {call.table}"


def has_native_enum(call: Call) -> bool:
    """Whether an operation creates a column with a native enum."""
    return any(
        isinstance(node, ast.Call)
        and name_of(node) in {"Enum", "ENUM"}
        and not any(item.arg == "native_enum" and is_false(item.value) for item in node.keywords)
        for part in call.positional
        for node in ast.walk(part)
    )


def is_free(before: str, after: str) -> bool:
    """Whether PostgreSQL changes a column's type without reading its rows; a type is as the revision has it."""
    kinds = [kind.removeprefix("sa.").partition("(")[0] for kind in (before, after)]
    if not all(kind in TEXTS for kind in kinds):
        return False
    old, new = (SIZE.search(kind) for kind in (before, after))
    return new is None or (old is not None and int(old[1]) <= int(new[1]))
