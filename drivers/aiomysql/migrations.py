# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""How revisions are run on MySQL and MariaDB."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from alembic.operations import ops
from sqlalchemy import (
    Column,
    Engine,
    ForeignKeyConstraint,
    Index,
    Inspector,
    Integer,
    MetaData,
    NullPool,
    Table,
    UniqueConstraint,
    event,
    make_url,
    text,
)
from sqlalchemy.engine.interfaces import ReflectedForeignKeyConstraint
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.schema import conv

# A lock's name is the whole server's: with the database's in it, two services do not wait for each
# other. It has at most 64 characters, hence the hash.
LOCK = "LEFT(SHA2(CONCAT('migrate ', DATABASE()), 256), 40)"
# What a schema may hold besides tables and views.
OTHER_OBJECTS = """
SELECT CONCAT('trigger ', trigger_name) FROM information_schema.triggers
    WHERE trigger_schema = DATABASE()
UNION ALL SELECT CONCAT('routine ', routine_name) FROM information_schema.routines
    WHERE routine_schema = DATABASE()
"""

# A column that a CHECK names cannot be renamed.
CHECKS_FOLLOW_RENAMES = False

# The server converts values by itself, and takes no conversion.
USING = None
# Column types that several types of `core.db.types` share, each with a hint for a conversion.
AMBIGUOUS: dict[type[Any], str] = {}

UNREACHABLE = (OSError, SQLAlchemyError)
AGAIN = "/* to be run again */"  # a statement that does no harm the second time

LOCK_TIMEOUT = 10  # seconds; who waits longer for a table would keep everybody else waiting behind
FOREVER = 10 * 365 * 24 * 3600
NO_TIME_LIMIT = "SET /*M!100101 max_statement_time = 0 */ /*!80000 max_execution_time = 0 */"


@event.listens_for(Table, "before_create")
def speak_to_mariadb(table: Table, connection: object, **options: object) -> None:
    """Give a table's options under MariaDB's name, too: its own dialect reads no other."""
    for key in ("charset", "collate"):
        if f"mysql_{key}" in table.dialect_kwargs:
            table.dialect_kwargs.setdefault(f"mariadb_{key}", table.dialect_kwargs[f"mysql_{key}"])


def migration_options() -> dict[str, Any]:
    """What Alembic's context is configured with: DDL commits at once here."""
    return {"render_as_batch": True, "transactional_ddl": False}


def lift_limits(engine: Engine) -> None:
    """Let statements take as long as they need: `migration_guard` says so to the server."""


async def sql_url(url: str) -> str:
    """The URL whose dialect SQL is printed in: MariaDB has a type for UUIDs, MySQL has none.

    The server is asked. When it does not answer, the URL tells: `mariadb+aiomysql://` is MariaDB.
    """
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            native = connection.dialect.supports_native_uuid
    except UNREACHABLE:
        return url
    finally:
        await engine.dispose()
    scheme = "mariadb+aiomysql" if native else "mysql+aiomysql"
    return make_url(url).set(drivername=scheme).render_as_string(hide_password=False)


@asynccontextmanager
async def migration_guard(connection: AsyncConnection) -> AsyncGenerator[None]:
    """Let one process migrate at a time; the others wait, then find nothing left to do."""
    await connection.execute(text(NO_TIME_LIMIT))
    await connection.execute(text(f"SELECT GET_LOCK({LOCK}, {FOREVER})"))
    await connection.execute(text(f"SET lock_wait_timeout = {LOCK_TIMEOUT}"))
    await connection.commit()
    try:
        yield
    finally:
        await connection.rollback()
        await connection.execute(text(f"SELECT RELEASE_LOCK({LOCK})"))
        await connection.commit()


def rename_sql(kind: str, table: str, old: str, new: str) -> str | None:
    """The statement that renames what belongs to a table; None where there is none.

    Args:
        kind: "index", "unique", "primary", "foreignkey" or "sequence".
        table: whose it is.
        old: its name; all names are quoted where they have to be.
        new: its name to be.
    """
    if kind in {"index", "unique"}:
        return f"ALTER TABLE {table} RENAME INDEX {old} TO {new}"
    return None


def conversion(column: str, kind: str, before: object, after: object) -> str | None:
    """Return the SQL that converts a column's values to another type: the server does it itself."""
    return None


def bytes_literal(value: bytes) -> str:
    """Bytes as SQL."""
    return f"X'{value.hex()}'"


def complete(group: ops.ModifyTableOps, inspector: Inspector) -> None:
    """Add what the database wants besides to the operations on a table.

    A foreign key needs an index: the database makes one of the key's name where there is none,
    keeps it when the key is dropped, and refuses to drop another one that the key uses.

    Args:
        group: the operations on the table.
        inspector: of the database, under the new names.
    """
    table = group.table_name
    gone, made = dropped_indexes(group), created_indexes(group)
    there = {str(index["name"]): index["column_names"] for index in inspector.get_indexes(table)}
    primary: list[str | None] = [*inspector.get_pk_constraint(table)["constrained_columns"]]
    before = [primary] + [
        columns for name, columns in {**there, **gone}.items() if name not in made
    ]
    after = [primary] + [columns for name, columns in there.items() if name not in {*gone, *made}]
    dropped = [key for key in map(dropped_key, group.ops) if key is not None]
    for key in dropped:
        columns = key.column_keys
        if not covers(
            [index for index in before if index is not there.get(str(key.name))], columns
        ):
            index = Index(conv(str(key.name)), *(key.table.c[column] for column in columns))
            group.ops.append(ops.DropIndexOp.from_index(index))
    names = {str(key.name) for key in dropped}
    for reflected in inspector.get_foreign_keys(table):
        name, columns = str(reflected["name"]), reflected["constrained_columns"]
        rest = [index for index in after if index is not there.get(name)]
        if name not in names and covers(gone.values(), columns) and not covers(rest, columns):
            constraint = foreign_key(table, reflected)
            group.ops.append(ops.DropConstraintOp.from_constraint(constraint))
            group.ops.append(ops.AddConstraintOp.from_constraint(constraint))


def dropped_key(operation: ops.MigrateOperation) -> ForeignKeyConstraint | None:
    """The foreign key that an operation drops."""
    if isinstance(operation, ops.DropConstraintOp) and operation.constraint_type == "foreignkey":
        return cast("ForeignKeyConstraint", operation.to_constraint())
    return None


def created_indexes(group: ops.ModifyTableOps) -> set[str]:
    """The names of the indexes that a group makes."""
    return {
        str(operation.index_name)
        for operation in group.ops
        if isinstance(operation, ops.CreateIndexOp)
    }


def dropped_indexes(group: ops.ModifyTableOps) -> dict[str, list[str | None]]:
    """The columns of the indexes that a group drops, by name."""
    found: dict[str, list[str | None]] = {}
    for operation in group.ops:
        if isinstance(operation, ops.DropIndexOp):
            found[str(operation.index_name)] = list(operation.to_index().columns.keys())
        elif isinstance(operation, ops.DropConstraintOp) and operation.constraint_type == "unique":
            columns = cast("UniqueConstraint", operation.to_constraint()).columns
            found[str(operation.constraint_name)] = list(columns.keys())
    return found


def covers(indexes: Iterable[list[str | None]], columns: Sequence[str]) -> bool:
    """Whether one of the indexes begins with these columns."""
    return any(index[: len(columns)] == [*columns] for index in indexes)


def foreign_key(table: str, key: ReflectedForeignKeyConstraint) -> ForeignKeyConstraint:
    """A foreign key as the database has it, with as much of its tables as it takes."""
    metadata = MetaData()
    referred = key["referred_table"]
    constraint = ForeignKeyConstraint(
        key["constrained_columns"],
        [f"{referred}.{column}" for column in key["referred_columns"]],
        name=conv(str(key["name"])),
        **key.get("options", {}),
    )
    names = {table: dict.fromkeys(key["constrained_columns"])}
    names.setdefault(referred, {}).update(dict.fromkeys(key["referred_columns"]))
    for name, columns in names.items():
        own = [constraint] if name == table else []
        Table(name, metadata, *(Column(column, Integer) for column in columns), *own)
    return constraint


def batch_update(table: str, values: str, where: str, size: int) -> str:
    """The statement that updates so many rows of those that are left.

    Args:
        table: whose rows they are.
        values: as they stand behind SET.
        where: which rows are left.
        size: how many rows.
    """
    return " ".join((AGAIN, "UPDATE", table, "SET", values, "WHERE", where, f"LIMIT {size}"))
