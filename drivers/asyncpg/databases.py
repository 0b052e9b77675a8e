# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Creates and drops whole databases, for tests."""

from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from ....settings import settings
from .engine import connect_args


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
