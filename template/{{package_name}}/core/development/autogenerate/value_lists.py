# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Recognizes CHECKs that list the values of a column, as that of an enum does."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from alembic.operations import ops
from sqlalchemy import ClauseElement, Dialect

from ...management.describe import flat
from ...management.sql_text import as_text, texts

CAST = re.compile(r"::\w+( varying)?")
WORD = re.compile(r"\w+|[^\w\s()\[\],\"`]+")
# What is left without the column and the values, as models and databases write it: status IN ('draft',
# 'live'), status = 'draft', or ((status)::text = ANY (ARRAY['draft'::character varying])).
OPERATORS = (["IN"], ["="], ["=", "ANY", "ARRAY"])


class ValueList(NamedTuple):
    """A column, and the values that a CHECK allows in it."""

    column: str
    values: tuple[str, ...]


def value_list(condition: ClauseElement | str, dialect: Dialect) -> ValueList | None:
    """Return the values that a CHECK lists; None if it says anything else."""
    values, rest = texts(as_text(condition, dialect), dialect)
    column, *operator = WORD.findall(CAST.sub("", rest)) or [""]
    if values and [word.upper() for word in operator] in OPERATORS:
        return ValueList(column, tuple(values))
    return None


def new_lists(
    operations: Iterable[ops.MigrateOperation], dialect: Dialect
) -> Iterator[tuple[str, ValueList]]:
    """Yield the values that new CHECKs list, each with the name of the table."""
    for operation in flat(ops.UpgradeOps([*operations])):
        if isinstance(operation, ops.CreateCheckConstraintOp):
            found = value_list(operation.condition, dialect)
            if found is not None:
                yield str(operation.table_name), found
