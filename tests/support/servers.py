"""Real database servers: given by a URL, started from installed binaries, or installed first.

`Server` creates databases on a running server. `PrivateServer` (private.py) runs one, and can stop,
kill and restart it.
"""

import os
import secrets
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import URL, make_url

from .sql import execute


class Kind(NamedTuple):
    """A kind of server, with its names in messages, URLs, variables and packages."""

    title: str
    driver: str
    scheme: str
    variable: str = ""  # the environment variable with its URL
    packages: str = ""  # Debian packages


KINDS = {
    "sqlite": Kind("SQLite", "aiosqlite", "sqlite+aiosqlite"),
    "postgresql": Kind(
        "PostgreSQL", "asyncpg", "postgresql+asyncpg", "GROUNDPLAN_POSTGRES_URL", "postgresql"
    ),
    "mariadb": Kind(
        "MariaDB",
        "aiomysql",
        "mysql+aiomysql",
        "GROUNDPLAN_MARIADB_URL",
        "mariadb-server-core mariadb-client-core",
    ),
    "mysql": Kind("MySQL", "aiomysql", "mysql+aiomysql", "GROUNDPLAN_MYSQL_URL"),
}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, as an account that may create databases; for SQLite, a folder."""

    name: str
    url: URL

    @property
    def kind(self) -> Kind:
        return KINDS[self.name]

    @property
    def driver(self) -> str:
        """The driver of the projects that run on it."""
        return self.kind.driver

    def version(self) -> str:
        if self.name == "sqlite":
            return sqlite3.sqlite_version
        statement = {"postgresql": "SHOW server_version"}.get(self.name, "SELECT VERSION()")
        return str(execute(self.url, statement)[0][0]).split(" ")[0].split("-")[0]

    def database(self, name: str) -> URL:
        """Return the URL of a database, whether it exists or not."""
        if self.name == "sqlite":
            return self.url.set(database=str(Path(self.url.database or "") / f"{name}.db"))
        return self.url.set(database=name)

    def create_database(self, name: str | None = None) -> URL:
        """Create an empty database, with a unique name by default."""
        database = self.database(name or f"groundplan_{secrets.token_hex(6)}")
        if self.name == "postgresql":
            execute(self.url, f'CREATE DATABASE "{database.database}"')
        elif self.name != "sqlite":  # the first connection creates the file
            execute(self.url, f"CREATE DATABASE `{database.database}` CHARACTER SET utf8mb4")
        return database

    def drop_database(self, database: URL) -> None:
        """Drop a database, and the `_test` database that a project's tests use."""
        for name in (str(database.database), f"{database.database}_test"):
            if self.name == "postgresql":
                execute(self.url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            elif self.name != "sqlite":
                execute(self.url, f"DROP DATABASE IF EXISTS `{name}`")

    def connections(self, database: URL) -> int:
        """Return the server's count of clients that are connected to a database."""
        if self.name == "sqlite":
            raise NotImplementedError("SQLite has no server to ask")
        statement = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = :name"
            if self.name == "postgresql"
            else "SELECT count(*) FROM information_schema.processlist WHERE db = :name"
        )
        return int(execute(self.url, statement, {"name": database.database})[0][0])

    def abandoned(self, database: URL) -> int:
        """Return the server's count of connections that clients dropped without closing them.

        PostgreSQL counts them for each database, MariaDB and MySQL for the whole server.
        """
        if self.name == "postgresql":
            statement = "SELECT sessions_abandoned FROM pg_stat_database WHERE datname = :name"
            return int(execute(self.url, statement, {"name": database.database})[0][0])
        return int(execute(self.url, "SHOW GLOBAL STATUS LIKE 'Aborted_clients'")[0][1])


def given(name: str) -> Server | None:
    """Return the server whose URL is in the environment, or None."""
    kind = KINDS[name]
    value = os.environ.get(kind.variable) if kind.variable else None
    if not value:
        return None
    return Server(name, make_url(value).set(drivername=kind.scheme))


def sqlite(folder: Path) -> Server:
    """Return SQLite as a server whose databases are files in a folder."""
    return Server("sqlite", URL.create(KINDS["sqlite"].scheme, database=str(folder)))


def names() -> list[str]:
    """Return the servers to test on; MySQL only if its URL is in the environment."""
    return [name for name in KINDS if name != "mysql" or given("mysql") is not None]


def closing_line(tested: dict[str, str]) -> str:
    """Return the last line of a run: the servers that were tested, and those that were not."""
    yes = [f"{kind.title} {tested[name]}" for name, kind in KINDS.items() if name in tested]
    no = [
        f"{kind.title} (set {kind.variable})" if name == "mysql" else kind.title
        for name, kind in KINDS.items()
        if name not in tested
    ]
    return f"databases tested: {', '.join(yes) or 'none'}; not tested: {', '.join(no) or 'none'}"
