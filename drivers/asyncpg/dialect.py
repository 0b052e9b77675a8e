# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What PostgreSQL needs in a revision."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from alembic.autogenerate import render_op_text, renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from sqlalchemy import Boolean, Column, Enum, Inspector, Integer, MetaData, Numeric
from sqlalchemy.dialects.postgresql import ENUM
from sqlalchemy.types import TypeEngine

from ...management.describe import Description, describe_one, flat
from ...management.primary_keys import ReplaceKey
from ...management.sql_text import final_name
from .generators import generators, sequence_types, text
from .key_order import released
from .keys import is_dropped, remake, renamed_keys
from .kinds import family
from .operations import Statement
from .part_names import Name, renaming, take_pairs
from .renames import Renames

# Everything else in a schema that is not a table or a view.
OTHER_OBJECTS = """
SELECT 'trigger ' || tgname || ' on ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
UNION ALL SELECT 'sequence ' || relname FROM pg_class
    WHERE relkind = 'S' AND relnamespace = current_schema()::regnamespace
UNION ALL SELECT 'type ' || typname FROM pg_type
    WHERE typtype IN ('e', 'd') AND typnamespace = current_schema()::regnamespace
UNION ALL SELECT 'extension ' || extname FROM pg_extension
"""

# The option of `op.alter_column` that takes a conversion.
USING: str | None = "postgresql_using"

# Column types that several types of `core.db.types` share, each with a hint for a conversion.
AMBIGUOUS: dict[type[Any], str] = {}

# Column types whose changes a comparison does not detect, with what changes.
UNDETECTED_TYPES: dict[type[Any], str] = {Enum: "the values of native enums"}

# Statements that a revision begins with, by a part of its code that needs them.
NEEDED_FIRST: dict[str, str] = {
    "postgresql.CITEXT(": 'op.execute("CREATE EXTENSION IF NOT EXISTS citext")',
    "postgresql.ExcludeConstraint(": 'op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")',
}

# Values of a row with the number numbered.n, by the Python class.
NUMBERED: dict[type[Any], str] = {
    str: "numbered.n::text",
    int: "numbered.n",
    float: "numbered.n",
    Decimal: "numbered.n",
    UUID: "lpad(to_hex(numbered.n), 32, '0')::uuid",
    date: "date '1970-01-01' + numbered.n::integer",
    datetime: "timestamptz '1970-01-01Z' + numbered.n * interval '1 second'",
}
# Fills a column from the numbers of the rows.
NUMBERED_UPDATE = "UPDATE {table} SET {column} = {value} FROM {numbered} WHERE {same}"


def follow(
    found: ops.UpgradeOps, models: MetaData, inspector: Inspector, renames: Renames
) -> list[ops.MigrateOperation]:
    """Rename what is named after renamed tables and columns, in place of a drop and a creation."""
    names = [name for group in found.ops for name in take_pairs(group, inspector.dialect)]
    names += primary_keys(found, models, inspector)
    for key, old, new in renamed_keys(models, inspector):
        if is_dropped(old, found) or is_dropped(new, found):
            remake(key, old, found)
        else:
            names.append(Name(key.table.name, "foreignkey", old, new))
    for old, new in renames.tables.items():
        column = models.tables[new].autoincrement_column if new in models.tables else None
        if column is not None:
            sequences = (f"{table}_{column.name}_seq" for table in (old, new))
            names.append(Name(new, "sequence", *sequences))
    return [*renaming(names, rename_sql, inspector.dialect)]


def primary_keys(found: ops.UpgradeOps, models: MetaData, inspector: Inspector) -> Iterator[Name]:
    """Yield the primary keys that are named after old tables."""
    replaced = {item.table_name for item in flat(found) if isinstance(item, ReplaceKey)}
    existing = {*inspector.get_table_names()} - replaced
    for table in [table for table in models.sorted_tables if table.name in existing]:
        old = inspector.get_pk_constraint(table.name)["name"]
        new = final_name(table.primary_key, inspector.dialect)
        if old is not None and new is not None and old != new:
            yield Name(table.name, "primary", old, new)


def rename_sql(kind: str, table: str, old: str, new: str) -> str:
    """Return the statement that renames a part of a table."""
    if kind == "index":
        return f"ALTER INDEX {old} RENAME TO {new}"
    if kind == "sequence":
        return f"ALTER SEQUENCE IF EXISTS {old} RENAME TO {new}"
    return f"ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new}"


def conversion(
    column: str, kind: str, before: TypeEngine[Any], after: TypeEngine[Any]
) -> str | None:
    """Return the SQL that converts a column's values to another type."""
    number = isinstance(before, Integer | Numeric) or isinstance(after, Integer | Numeric)
    if number and (isinstance(before, Boolean) or isinstance(after, Boolean)):
        column = f"{column}::integer"  # the only number that converts to and from a boolean
    return f"{column}::{kind}"


class Convert(ops.MigrateOperation):
    """An altered type, with the expression that converts existing values."""

    def __init__(self, alter: ops.AlterColumnOp, using: str) -> None:
        self.alter = alter
        self.using = using

    @property
    def description(self) -> Description:
        return describe_one(self.alter)


@renderers.dispatch_for(Convert)
def render_convert(context: AutogenContext, operation: Convert) -> str:
    text = render_op_text(context, operation.alter)
    return f"{text.removesuffix(')')}, {USING}={operation.using!r})"


def with_conversion(
    operation: ops.AlterColumnOp, expression: str, quote: Callable[[str], str]
) -> tuple[ops.MigrateOperation, list[Statement]]:
    """Return an altered type that converts the values."""
    return Convert(operation, expression), []


def bytes_literal(value: bytes) -> str:
    """Return bytes as an SQL literal."""
    return f"'\\x{value.hex()}'"


def type_changes(
    operations: Iterable[ops.MigrateOperation],
    inspector: Inspector,
    models: MetaData,
    renames: Renames,
) -> tuple[Sequence[ops.MigrateOperation], Sequence[ops.MigrateOperation]]:
    """Return operations that create types of native enums first, and drop unused ones last.

    Otherwise a type would survive a downgrade, and the next upgrade would fail. A column of a
    foreign key can only get a similar type: the foreign key is dropped meanwhile.
    """
    operations = list(operations)
    changes = list(flat(ops.UpgradeOps(operations)))
    dropped = {
        (item.schema, item.table_name) for item in changes if isinstance(item, ops.DropTableOp)
    }
    dropped_columns = {
        (item.schema, item.table_name, item.column_name)
        for item in changes
        if isinstance(item, ops.DropColumnOp)
        or (isinstance(item, ops.AlterColumnOp) and item.modify_type is not None)
    }
    existing: dict[str, list[str]] = {}
    kept: set[str] = set()
    for schema in {None, *(table.schema for table in models.tables.values())}:
        for place, columns in inspector.get_multi_columns(schema=schema).items():
            for column in columns:
                if isinstance(kind := column["type"], ENUM):
                    existing[type_name(kind)] = [*kind.enums]
                    if place not in dropped and (*place, column["name"]) not in dropped_columns:
                        kept.add(type_name(kind))
    made = {type_name(kind): [*kind.enums] for _, kind in native_enums(changes)}
    first = [type_sql(name, made[name], drop=False) for name in sorted(made.keys() - existing)]
    gone = existing.keys() - kept - made.keys()
    last = [type_sql(name, existing[name], drop=True) for name in sorted(gone)]
    drops, creations = released(operations, inspector, models, renames, is_unlike)
    return [*first, *drops], [
        *creations,
        *sequence_types(changes, inspector),
        *generators(operations, inspector, models),
        *last,
    ]


def is_unlike(before: TypeEngine[Any], after: TypeEngine[Any]) -> bool:
    return family(before) != family(after)


def native_enums(
    operations: Iterable[ops.MigrateOperation],
) -> Iterator[tuple[Column[Any], Any]]:
    """Yield the columns that get native enums, and their types."""
    for operation in operations:
        items: list[Any] = []
        if isinstance(operation, ops.CreateTableOp):
            items += operation.columns
        elif isinstance(operation, ops.AddColumnOp):
            items.append(operation.column)
        elif isinstance(operation, ops.AlterColumnOp):
            items.append(Column(operation.column_name, operation.modify_type))
        columns: list[Any] = [item for item in items if isinstance(item, Column)]
        for column in columns:
            kind: Any = column.type
            if isinstance(kind, Enum) and kind.native_enum:
                yield column, kind


def type_name(kind: Any) -> str:
    """Return the name of an enum's type, in quotes and with its schema."""
    return ".".join(f'"{part}"' for part in (kind.schema, kind.name) if part)


def type_sql(name: str, labels: list[str], *, drop: bool) -> Statement:
    """Return the operation that creates or drops the type of an enum."""
    made = f"CREATE TYPE {name} AS ENUM ({', '.join(map(text, labels))})"
    gone = f"DROP TYPE {name}"
    return Statement(gone, made) if drop else Statement(made, gone)


def complete(operation: ops.MigrateOperation, inspector: Inspector) -> None:
    """Adjust an operation: `type_changes` creates the types of native enums.

    Alembic warns of an `autoincrement` here, although its comparison adds it.
    """
    changes = list(flat(ops.UpgradeOps([operation])))
    for column, kind in native_enums(changes):
        column.type = ENUM(*kind.enums, name=kind.name, schema=kind.schema, create_type=False)
    for change in changes:
        if isinstance(change, ops.AlterColumnOp):
            change.kw.pop("autoincrement", None)
