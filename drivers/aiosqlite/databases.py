# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Creates and drops whole databases, for tests."""

from pathlib import Path

from sqlalchemy import URL, make_url


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
