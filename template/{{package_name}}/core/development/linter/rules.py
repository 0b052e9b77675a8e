# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Rules for every database: the previous release keeps running while a revision is applied."""

import ast
from typing import NamedTuple


class Rule(NamedTuple):
    """A rule about one operation: what it does to a running service, and what to do instead."""

    problem: str
    steps: str
    of_new_tables: bool = False  # whether it applies to tables that the revision creates


class Call(NamedTuple):
    """An operation as written; its table is not among the positional arguments."""

    name: str
    table: str
    positional: list[ast.expr]
    named: dict[str, ast.expr]
    line: int


GENERAL_RULES = {
    "migrations.W101": Rule(
        "the previous release inserts rows without this column, and the database refuses them.",
        "Give the column a server_default; or add it as nullable, write it in the code, "
        "backfill, and set NOT NULL in a later release.",
    ),
    "migrations.W102": Rule(
        "the previous release may still write NULL, and the table is locked while every row is read.",
        "Always write a value in the code first, backfill, and set NOT NULL in a later release.",
    ),
    "migrations.W103": Rule(
        "the previous release still reads and writes this column.",
        "Remove the column from the model in one release, and drop it in the next.",
    ),
    "migrations.W104": Rule(
        "the previous release still uses this table.",
        "Remove the table from the models in one release, and drop it in the next.",
    ),
    "migrations.W105": Rule(
        "the previous release uses the old name of the column.",
        "Add a column of the new name, write both, backfill, read the new one, and drop the old "
        "one in a later release.",
    ),
    "migrations.W106": Rule(
        "the previous release uses the old name of the table.",
        "Keep the name with __tablename__ in the model, or rename while the service is stopped.",
    ),
    "migrations.W107": Rule(
        "the table is locked while every row is rewritten.",
        "Add a column of the new type, write both, backfill, read the new one, and drop the old "
        "one in a later release.",
    ),
}


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)


def text(node: ast.expr | None) -> str:
    """Return a string literal, bare or in `op.f`; anything else as source."""
    if isinstance(node, ast.Call) and node.args:
        node = node.args[0]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return "" if node is None else ast.unparse(node)


def is_false(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False
