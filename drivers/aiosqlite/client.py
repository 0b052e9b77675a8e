# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""sqlite3, SQLite's command-line client."""

from sqlalchemy import URL


def client(url: URL) -> tuple[list[str], dict[str, str]]:
    """The command that opens a database, and the environment variables that it needs."""
    return ["sqlite3", url.database or ":memory:"], {}
