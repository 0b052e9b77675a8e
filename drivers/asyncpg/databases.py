# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Creates and drops whole databases, for tests; what `dumpdata` and `loaddata` need of a database."""

from sqlalchemy import URL, Column, func, make_url, select, text
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import REGCLASS
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from ....settings import settings
from .engine import connect_args

SNAPSHOT: str | None = "REPEATABLE READ"  # a transaction that sees the rows of one moment


async def create_database(url: str | URL) -> None:
    """Create the database that `url` names, unless it exists."""
    engine = server(url)
    try:
        async with engine.connect() as connection:
            found = await connection.execute(
                text("SELECT 1 FROM pg_database WHERE datname = :name"),
                {"name": make_url(url).database},
            )
            if found.first() is None:
                await connection.execute(text(f"CREATE DATABASE {quoted(url)}"))
    finally:
        await engine.dispose()


async def drop_database(url: str | URL) -> None:
    """Drop the database that `url` names, if it exists, with its open connections."""
    engine = server(url)
    try:
        async with engine.connect() as connection:
            await connection.execute(text(f"DROP DATABASE IF EXISTS {quoted(url)} WITH (FORCE)"))
    finally:
        await engine.dispose()


def server(url: str | URL) -> AsyncEngine:
    """An engine on the server's database `postgres`, without transactions."""
    address, arguments = connect_args(make_url(url).set(database="postgres"), settings)
    return create_async_engine(
        address, connect_args=arguments, isolation_level="AUTOCOMMIT", poolclass=NullPool
    )


def quoted(url: str | URL) -> str:
    """The quoted name of the database in `url`."""
    name = (make_url(url).database or "").replace('"', '""').replace(":", "\\:")
    return f'"{name}"'


async def accept_keys(connection: AsyncConnection) -> None:
    """Have keys of 0 stored as they are: they always are."""


async def continue_counting(connection: AsyncConnection, key: Column[int]) -> None:
    """Have the next generated key follow the highest one; the counter never goes back."""
    table = connection.dialect.identifier_preparer.format_table(key.table)
    counter = sql_cast(func.pg_get_serial_sequence(table, key.name), REGCLASS)
    highest = select(func.max(key)).scalar_subquery()
    behind = highest > func.coalesce(func.pg_sequence_last_value(counter), 0)
    await connection.execute(select(func.setval(counter, highest)).where(behind))
