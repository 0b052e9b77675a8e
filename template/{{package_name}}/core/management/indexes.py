# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Compares options of indexes and unique constraints, which Alembic does not do."""

from collections.abc import Container, Iterator, Mapping
from typing import Any

from alembic.operations import ops
from sqlalchemy import (
    ClauseElement,
    Column,
    Connection,
    Dialect,
    Index,
    Inspector,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.schema import CreateIndex

from ..db.driver.migrations import DEFERRABLE, REWRITES_CONDITIONS
from .check_constraints import SCRATCH, plain, scratch
from .computed import ReplaceComputed
from .inspection import KEYS_LEAVE_INDEXES, REWRITES_INDEXES
from .sql_text import as_text, escaped, final_name, unformatted

UNCOMPARED = ("name", "dialect_options")


def compare(
    inspector: Inspector,
    connection: Connection,
    found: ops.ModifyTableOps,
    existing: Table,
    model: Table,
) -> None:
    """Find the indexes and unique constraints to replace.

    Alembic compares expressions as they are written, and the database rewrites them.
    """
    dialect = connection.dialect
    computed = (item for item in found.ops if isinstance(item, ReplaceComputed))
    replaced = {str(key.name) for item in computed for key in item.keys}
    there = {str(index.name): index for index in existing.indexes if index.name not in replaced}
    stored = {item["name"]: item for item in inspector.get_indexes(existing.name, existing.schema)}
    wanted = {str(final_name(index, dialect)): index for index in model.indexes}
    if KEYS_LEAVE_INDEXES:
        found.ops[:] = [item for item in found.ops if not is_left(item, wanted)]
    for name, index in sorted(wanted.items()):
        old = there.get(name)
        if old is None or (is_plain(old, dialect) and is_plain(index, dialect)):
            continue
        alembics = [item for item in found.ops if getattr(item, "index_name", None) == name]
        found.ops[:] = [item for item in found.ops if item not in alembics]
        if REWRITES_INDEXES:
            differs = shape(stored[name]) != shape(rewritten(connection, model, index))
        else:
            differs = bool(alembics) or conditions(old, dialect) != conditions(index, dialect)
        if differs:
            found.ops += [ops.DropIndexOp.from_index(old), ops.CreateIndexOp.from_index(index)]
    for old_key, key in changed_keys(connection, existing, model):
        found.ops += [
            ops.DropConstraintOp.from_constraint(old_key),
            ops.AddConstraintOp.from_constraint(key),
        ]


def is_left(operation: ops.MigrateOperation, wanted: Container[str]) -> bool:
    """Whether an operation drops an index that the database made for a foreign key."""
    name = str(operation.index_name) if isinstance(operation, ops.DropIndexOp) else ""
    return name.startswith("fk_") and name not in wanted


def is_plain(index: Index, dialect: Dialect) -> bool:
    """Whether an index has nothing but columns, which Alembic compares."""
    return all(isinstance(part, Column) for part in index.expressions) and not any(
        isinstance(value, ClauseElement) or value
        for key, value in index.dialect_kwargs.items()
        if key.startswith(f"{dialect.name}_") and (REWRITES_CONDITIONS or key.endswith("_where"))
    )


def conditions(index: Index, dialect: Dialect) -> list[str]:
    """Return the condition of an index in one spelling, in a list."""
    kept = sorted(index.dialect_kwargs.items())
    return [
        spelled(as_text(value, dialect))
        for key, value in kept
        if key.startswith(f"{dialect.name}_") and key.endswith("_where")
    ]


def rewritten(connection: Connection, model: Table, index: Index) -> Mapping[str, Any]:
    """Return a model's index as the database stores it."""
    create = str(CreateIndex(index).compile(dialect=unformatted(connection.dialect)))
    table = connection.dialect.identifier_preparer.format_table(model)
    create = create.replace(f" ON {table} ", f" ON {SCRATCH} ", 1)
    create = create.replace(" CONCURRENTLY ", " ", 1)
    columns = (Column(column.name, plain(column)) for column in model.columns)
    with scratch(connection, *columns) as inspector:
        connection.execute(text(escaped(create)))
        (stored,) = inspector.get_indexes(SCRATCH)
    return stored


def shape(index: Mapping[str, Any]) -> dict[str, str]:
    """Return what the database stores of an index, except its name, in one spelling."""
    parts = {**index, **index["dialect_options"]}
    return {key: spelled(str(value)) for key, value in parts.items() if key not in UNCOMPARED}


def spelled(sql: str) -> str:
    return " ".join(sql.replace('"', "").split())


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
