# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Creates and drops whole databases, for tests; what `dumpdata` and `loaddata` need of a database."""

from pathlib import Path

from sqlalchemy import URL, Column, make_url
from sqlalchemy.ext.asyncio import AsyncConnection

# A read-only transaction sees the rows of one moment as it is.
SNAPSHOT: str | None = None


async def create_database(url: str | URL) -> None:
    """Create the folder of the file that `url` names; SQLite creates the file itself."""
    database_file(url).parent.mkdir(parents=True, exist_ok=True)


async def drop_database(url: str | URL) -> None:
    """Delete the file that `url` names and its log files, if they exist."""
    path = database_file(url)
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def database_file(url: str | URL) -> Path:
    """The file that `url` names."""
    return Path(make_url(url).database or "")


async def accept_keys(connection: AsyncConnection) -> None:
    """Have keys of 0 stored as they are: they always are."""


async def continue_counting(connection: AsyncConnection, key: Column[int]) -> None:
    """Have the next generated key follow the highest one: it always does."""
