# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Creates and drops whole databases, for tests; what `dumpdata` and `loaddata` need of a database."""

from sqlalchemy import URL, Column, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection

from .engine import bare_engine

SNAPSHOT: str | None = "REPEATABLE READ"  # a transaction that sees the rows of one moment


async def create_database(url: str | URL) -> None:
    """Create the database that `url` names, unless it exists."""
    await execute(url, f"CREATE DATABASE IF NOT EXISTS {quoted(url)} CHARACTER SET utf8mb4")


async def drop_database(url: str | URL) -> None:
    """Drop the database that `url` names, if it exists."""
    await execute(url, f"DROP DATABASE IF EXISTS {quoted(url)}")


async def execute(url: str | URL, statement: str) -> None:
    """Run a statement on the server, without a database."""
    engine = bare_engine(make_url(url).set(database=""))
    try:
        async with engine.connect() as connection:
            await connection.execute(text(statement))
    finally:
        await engine.dispose()


def quoted(url: str | URL) -> str:
    """The quoted name of the database in `url`."""
    name = (make_url(url).database or "").replace("`", "``").replace(":", "\\:")
    return f"`{name}`"


async def accept_keys(connection: AsyncConnection) -> None:
    """Have keys of 0 stored as they are, in this session: else the server generates another."""
    mode = "SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')"
    await connection.execute(text(mode))


async def continue_counting(connection: AsyncConnection, key: Column[int]) -> None:
    """Have the next generated key follow the highest one: it always does."""
