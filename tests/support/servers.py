"""Real database servers: given by a URL, started from installed binaries, or installed first.

`Server` makes databases on a server that answers. `PrivateServer` (private.py) is a process of ours
that holds one, and may be stopped, killed and started again.
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
    """A kind of server, and what it is called where."""

    title: str
    driver: str
    scheme: str
    variable: str = ""  # of the environment, that gives its URL
    packages: str = ""  # Debian's


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
    """A server that answers: an account of it that may create databases, or SQLite's folder."""

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
        """Return the URL of one of its databases, there or not."""
        if self.name == "sqlite":
            return self.url.set(database=str(Path(self.url.database or "") / f"{name}.db"))
        return self.url.set(database=name)

    def create_database(self, name: str | None = None) -> URL:
        """Create an empty database, under a name of its own unless given one."""
        database = self.database(name or f"groundplan_{secrets.token_hex(6)}")
        if self.name == "postgresql":
            execute(self.url, f'CREATE DATABASE "{database.database}"')
        elif self.name != "sqlite":  # whose file the first connection makes
            execute(self.url, f"CREATE DATABASE `{database.database}` CHARACTER SET utf8mb4")
        return database

    def drop_database(self, database: URL) -> None:
        """Drop a database, and the one beside it that a project's tests use."""
        for name in (str(database.database), f"{database.database}_test"):
            if self.name == "postgresql":
                execute(self.url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            elif self.name != "sqlite":
                execute(self.url, f"DROP DATABASE IF EXISTS `{name}`")

    def connections(self, database: URL) -> int:
        """Return how many clients the server says are connected to a database."""
        if self.name == "sqlite":
            raise NotImplementedError("SQLite has no server to ask")
        statement = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = :name"
            if self.name == "postgresql"
            else "SELECT count(*) FROM information_schema.processlist WHERE db = :name"
        )
        return int(execute(self.url, statement, {"name": database.database})[0][0])

    def abandoned(self, database: URL) -> int:
        """Return how many connections ended without a word of their client's.

        PostgreSQL counts them for each database, MariaDB and MySQL for the whole server.
        """
        if self.name == "postgresql":
            statement = "SELECT sessions_abandoned FROM pg_stat_database WHERE datname = :name"
            return int(execute(self.url, statement, {"name": database.database})[0][0])
        return int(execute(self.url, "SHOW GLOBAL STATUS LIKE 'Aborted_clients'")[0][1])


def given(name: str) -> Server | None:
    """Return the server that the environment names by a URL, or None."""
    kind = KINDS[name]
    value = os.environ.get(kind.variable) if kind.variable else None
    if not value:
        return None
    return Server(name, make_url(value).set(drivername=kind.scheme))


def sqlite(folder: Path) -> Server:
    """Return SQLite as a server: its databases are files of a folder."""
    return Server("sqlite", URL.create(KINDS["sqlite"].scheme, database=str(folder)))


def names() -> list[str]:
    """Return the servers to test on: MySQL only where it is given."""
    return [name for name in KINDS if name != "mysql" or given("mysql") is not None]


def closing_line(tested: dict[str, str]) -> str:
    """Return the sentence that says which servers were tested, by name and version, and which were not."""
    yes = [f"{kind.title} {tested[name]}" for name, kind in KINDS.items() if name in tested]
    no = [
        f"{kind.title} (set {kind.variable})" if name == "mysql" else kind.title
        for name, kind in KINDS.items()
        if name not in tested
    ]
    return f"databases tested: {', '.join(yes) or 'none'}; not tested: {', '.join(no) or 'none'}"
