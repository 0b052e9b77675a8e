# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The two databases: told apart, connected to, and each seen as it was at one moment."""

import json
from asyncio import timeout
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InvalidRequestError, NoSuchModuleError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from ....settings import settings
from ...settings import DRIVERS
from ..errors import PASSWORD_IN_URL, CommandError, reason

SNAPSHOT = "REPEATABLE READ"


@asynccontextmanager
async def both(source: str, target: str) -> AsyncGenerator[tuple[AsyncConnection, AsyncConnection]]:
    """A connection to each database; nothing that the block writes stays unless it commits.

    Args:
        source: the URL of the database to read, of any driver that is installed.
        target: the URL of the database to write, of this project's driver.

    Raises:
        CommandError: a URL cannot be used, both are the same, or one does not answer.
    """
    reading, writing = engine(source, "--from"), engine(target, "--to")
    try:
        if writing.url.drivername not in DRIVERS:
            raise CommandError(
                f"--to names the driver {writing.url.drivername!r}, and this project's revisions "
                f"are run on {DRIVERS[0]}://… only",
                "Copy into a database of this project's own driver.",
            )
        if place(reading) == place(writing):
            raise CommandError(
                f"--from and --to are the same database, {writing.url.render_as_string()}",
                "Name the old database with --from and the new one with --to.",
            )
        async with connected(reading) as rows, connected(writing) as copies:
            await hold_still(rows)
            yield rows, copies
    finally:
        await reading.dispose()
        await writing.dispose()


def engine(url: str, option: str) -> AsyncEngine:
    """An engine with none of this project's settings: its limits are for requests.

    Raises:
        CommandError: the URL is none, or names a driver that is not installed.
    """
    shown = PASSWORD_IN_URL.sub(r"\1:***@", url)
    fix = f"Write it as SQLAlchemy does, with an async driver named, like {DRIVERS[0]}://…"
    try:
        return create_async_engine(
            make_url(url),
            poolclass=NullPool,
            hide_parameters=True,
            json_serializer=partial(json.dumps, ensure_ascii=False, allow_nan=False),
            json_deserializer=document,
        )
    except ModuleNotFoundError as error:
        raise CommandError(
            f"{option} {shown} is read by the package {error.name!r}, which is not installed",
            f"Install it for the copy: `pip install {error.name}`, or "
            f"`uv run --with {error.name} manage.py copydata …`.",
        ) from error
    except (ArgumentError, InvalidRequestError, NoSuchModuleError, ValueError) as error:
        raise CommandError(f"{option} {shown} is no database's URL: {reason(error)}", fix) from None


def document(text: str) -> Any:
    """What a document says; its own null is another one than SQL's."""
    value = json.loads(text)
    return JSON.NULL if value is None else value


def file_of(engine: AsyncEngine) -> Path | None:
    """The file that the database is, if it is one: its driver takes no server's address, but a name."""
    names, _ = engine.dialect.create_connect_args(engine.url)
    return Path(str(names[0])) if names and not str(names[0]).startswith("file:") else None


def place(engine: AsyncEngine) -> tuple[object, ...]:
    """What is the same for two URLs of one database.

    One that is written in two ways, as localhost and 127.0.0.1, is refused too: its rows are there.
    """
    file, url = file_of(engine), engine.url
    if file is not None:
        return (file.resolve(),)
    return (engine.dialect.name, (url.host or "").lower(), url.port, url.database)


@asynccontextmanager
async def connected(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    """A connection, whose transaction is rolled back at the end of the block.

    Raises:
        CommandError: the database does not answer.
    """
    file = file_of(engine)
    if file is not None and not file.is_file():
        raise unreachable(engine.url, f"there is no file {file}")  # connecting would make it
    connection = engine.connect()
    try:
        async with timeout(settings.db_connect_timeout):
            await connection.start()
    except (DBAPIError, OSError, RuntimeError) as error:  # TimeoutError is an OSError
        why = str(reason(error))
        if isinstance(error, TimeoutError):
            why = f"no answer within {settings.db_connect_timeout:g} s"
        raise unreachable(engine.url, why) from error
    try:
        yield connection
    finally:
        await connection.close()


async def hold_still(connection: AsyncConnection) -> None:
    """Begin a transaction that sees one state of the database throughout, whoever writes meanwhile."""
    proxied = await connection.get_raw_connection()
    driver_connection: Any = proxied.driver_connection
    levels = connection.dialect.get_isolation_level_values(driver_connection)
    if SNAPSHOT in levels:
        await connection.execution_options(isolation_level=SNAPSHOT)
    else:  # every transaction is a snapshot, but this driver begins none in order to read
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.exec_driver_sql("BEGIN")


def unreachable(url: URL, why: str) -> CommandError:
    return CommandError(
        f"the database {url.render_as_string()} cannot be reached: {why}",
        "Start it, or correct the URL.",
    )
