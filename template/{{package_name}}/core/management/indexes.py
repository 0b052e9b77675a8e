# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Compares options of indexes and unique constraints, which Alembic does not do."""

from collections.abc import Iterator
from typing import Any

from alembic.operations import ops
from sqlalchemy import (
    ClauseElement,
    Column,
    Connection,
    Dialect,
    Index,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.schema import CreateIndex

from ..db.driver.migrations import DEFERRABLE, REWRITES_CONDITIONS
from .check_constraints import SCRATCH, plain, scratch
from .computed import ReplaceComputed
from .sql_text import as_text, final_name, unformatted

NOT_STORED = "_concurrently"  # the end of an option of CREATE INDEX


def compare(
    connection: Connection, found: ops.ModifyTableOps, existing: Table, model: Table
) -> None:
    """Find the indexes and unique constraints to replace."""
    dialect = connection.dialect
    replaced = {item.index_name for item in found.ops if isinstance(item, ops.DropIndexOp)}
    computed = (item for item in found.ops if isinstance(item, ReplaceComputed))
    replaced |= {str(key.name) for item in computed for key in item.keys}
    there = {str(index.name): index for index in existing.indexes if index.name not in replaced}
    for index in sorted(model.indexes, key=lambda index: str(index.name)):
        old = there.get(str(final_name(index, dialect)))
        if old is not None and differs(connection, model, old, index):
            found.ops += [ops.DropIndexOp.from_index(old), ops.CreateIndexOp.from_index(index)]
    for old_key, key in changed_keys(connection, existing, model):
        found.ops += [
            ops.DropConstraintOp.from_constraint(old_key),
            ops.AddConstraintOp.from_constraint(key),
        ]


def differs(connection: Connection, model: Table, old: Index, new: Index) -> bool:
    """Whether an index of a model has other options than the existing one."""
    before, after = options(connection, old), options(connection, new)
    if before == after or not REWRITES_CONDITIONS:
        return before != after
    create = str(CreateIndex(new).compile(dialect=unformatted(connection.dialect)))
    columns = (Column(column.name, plain(column)) for column in model.columns)
    with scratch(connection, *columns) as inspector:
        table = connection.dialect.identifier_preparer.format_table(model)
        connection.exec_driver_sql(create.replace(f" ON {table} ", f" ON {SCRATCH} ", 1))
        (stored,) = inspector.get_indexes(SCRATCH)
    found: dict[str, Any] = dict(stored.get("dialect_options", {}))
    after = {key: spelled(key, value, connection.dialect) for key, value in found.items() if value}
    return before != after


def options(connection: Connection, index: Index) -> dict[str, Any]:
    """Return an index's options for this database, conditions as text.

    Where the database keeps conditions as they are written, other options are not comparable.
    """
    dialect = connection.dialect
    return {
        key: spelled(key, value, dialect)
        for key, value in index.dialect_kwargs.items()
        if key.startswith(f"{dialect.name}_")
        and (REWRITES_CONDITIONS or key.endswith("_where"))
        and not key.endswith(NOT_STORED)
        and (isinstance(value, ClauseElement) or value)
    }


def spelled(key: str, value: Any, dialect: Dialect) -> Any:
    """Return an option in one spelling: a condition as text without quotes, names as a list."""
    if key.endswith("_where"):
        return as_text(value, dialect).replace('"', "").strip()
    return (
        [str(getattr(name, "name", name)) for name in value] if key.endswith("_include") else value
    )


def changed_keys(
    connection: Connection, existing: Table, model: Table
) -> Iterator[tuple[UniqueConstraint, UniqueConstraint]]:
    """Yield unique constraints that are checked at another time: the existing one, and the model's."""
    if DEFERRABLE is None:
        return
    place = {"table": existing.name, "schema": existing.schema}
    rows = connection.execute(text(DEFERRABLE), place).all()
    times: dict[str, str] = {row.name: row.initially for row in rows}
    there = {key.name: key for key in existing.constraints if isinstance(key, UniqueConstraint)}
    for key in model.constraints:
        old = there.get(final_name(key, connection.dialect))
        if old is None or not isinstance(key, UniqueConstraint):
            continue
        before = times.get(str(old.name))
        after = (key.initially or "IMMEDIATE").upper() if key.deferrable else None
        if before != after:
            old.deferrable, old.initially = before is not None, before
            yield old, key
