# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What SQLite needs in a revision."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from alembic.operations import ops
from sqlalchemy import BIGINT, JSON, Boolean, Inspector, Integer, MetaData, String, Uuid
from sqlalchemy.types import TypeEngine

from ...db.driver.migrations import storage
from ...db.types import Duration, ExactDecimal
from .keys import remake, renamed_keys
from .operations import Statement, fill
from .renames import Renames

# Everything else in a schema that is not a table or a view.
OTHER_OBJECTS = (
    "SELECT 'trigger ' || name || ' on ' || tbl_name FROM sqlite_master WHERE type = 'trigger'"
)

# A batch operation takes no conversion: an UPDATE follows it.
USING: str | None = ""

# Column types that several types of `core.db.types` share, each with a hint for a conversion.
AMBIGUOUS: dict[type[Any], str] = {
    BIGINT: "An ExactDecimal is stored as a multiple of its smallest unit: divide it to get its value. "
}

# Column types whose changes a comparison does not detect, with what changes.
UNDETECTED_TYPES: dict[type[Any], str] = {
    Duration: "the type of Duration",
    ExactDecimal: "the scale of ExactDecimal",
}

# Values of a row with the number numbered.n, by the Python class.
NUMBERED: dict[type[Any], str] = {
    str: "CAST(numbered.n AS TEXT)",
    int: "numbered.n",
    float: "numbered.n",
    Decimal: "numbered.n",
    UUID: "printf('%032x', numbered.n)",
    date: "date(numbered.n * 86400, 'unixepoch')",
    datetime: "strftime('%Y-%m-%d %H:%M:%f000', numbered.n, 'unixepoch')",
}
# Fills a column from the numbers of the rows.
NUMBERED_UPDATE = "UPDATE {table} SET {column} = {value} FROM {numbered} WHERE {same}"


def follow(
    found: ops.UpgradeOps, models: MetaData, inspector: Inspector, renames: Renames
) -> list[ops.MigrateOperation]:
    """Create constraints and indexes under their new names: SQLite cannot rename them."""
    for key, old, _ in renamed_keys(models, inspector):
        remake(key, old, found)
    return []


def conversion(
    column: str, kind: str, before: TypeEngine[Any], after: TypeEngine[Any]
) -> str | None:
    """Return the SQL that converts a column's values, once they are copied; None if they fit."""
    if isinstance(before, ExactDecimal):
        return from_units(column, before.scale, after)
    if isinstance(after, ExactDecimal):
        return to_units(column, after.scale)
    if isinstance(storage(after), JSON):
        return f"json({column})"
    if isinstance(storage(after), Uuid):
        return f"lower(replace({column}, '-', ''))"
    if isinstance(storage(after), Boolean):
        return f"CASE lower({column}) WHEN 'true' THEN 1 WHEN 'false' THEN 0 ELSE {column} END"
    return None


def with_conversion(
    operation: ops.AlterColumnOp, expression: str, quote: Callable[[str], str]
) -> tuple[ops.MigrateOperation, list[Statement]]:
    """Return an altered type, and the UPDATE that converts values in the copied table."""
    table, name = operation.table_name, operation.column_name
    column = quote(name)
    start = ("UPDATE", quote(table), "SET", column, "=", expression)
    return operation, [fill(table, name, " ".join((*start, "WHERE", column, "IS NOT NULL")))]


def to_units(number: str, scale: int) -> str:
    """Return the SQL that turns a number into an ExactDecimal; whole numbers stay exact."""
    units = f"{number} * {10**scale}"
    rounded = f"CAST(round({units}) AS INTEGER)"
    return f"CASE typeof({number}) WHEN 'integer' THEN {units} ELSE {rounded} END"


def from_units(units: str, scale: int, after: TypeEngine[Any]) -> str:
    """Return the SQL that turns an ExactDecimal into a number or a text."""
    number = f"{units} / {10.0**scale}"
    if isinstance(after, ExactDecimal):
        return to_units(f"({number})", after.scale)
    if isinstance(storage(after), Integer):
        return f"{units} / {10**scale}"
    return f"printf('%.{scale}f', {number})" if isinstance(storage(after), String) else number


def bytes_literal(value: bytes) -> str:
    """Return bytes as an SQL literal."""
    return f"X'{value.hex()}'"
