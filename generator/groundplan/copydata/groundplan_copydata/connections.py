"""Connects to the two databases, the source in one snapshot."""

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

from .errors import CopyError, reason, without_password
from .service import Service

SNAPSHOT = "REPEATABLE READ"


@asynccontextmanager
async def connect_both(
    service: Service, source: str, target: str
) -> AsyncGenerator[tuple[AsyncConnection, AsyncConnection]]:
    """Connect to both databases; what the block writes is rolled back unless the block commits.

    Args:
        service: the service whose rows are copied.
        source: the URL of the database to read, for any driver that is installed.
        target: the URL of the database to write, for the service's driver.

    Raises:
        CopyError: a URL is not usable, both name the same database, or one does not answer.
    """
    driver = service.drivers[0]
    reading, writing = engine(source, "--from", driver), engine(target, "--to", driver)
    try:
        if writing.url.drivername not in service.drivers:
            raise CopyError(
                f"--to names the driver {writing.url.drivername!r}, but this service runs on "
                f"{driver}://…",
                "Copy into a database for the service's driver, or change the driver first: "
                "`groundplan update --to :current: --set driver=…`.",
            )
        if identity(reading) == identity(writing):
            raise CopyError(
                f"--from and --to are the same database, {writing.url.render_as_string()}",
                "Name the old database with --from and the new one with --to.",
            )
        limit = service.connect_timeout
        async with connected(reading, limit) as rows, connected(writing, limit) as copies:
            await begin_snapshot(rows)
            yield rows, copies
    finally:
        await reading.dispose()
        await writing.dispose()


def engine(url: str, option: str, driver: str) -> AsyncEngine:
    """Return an engine without the service's settings, whose limits are meant for requests.

    Raises:
        CopyError: the URL is not valid, or names a driver that is not installed.
    """
    shown = without_password(url)
    fix = f"Write a SQLAlchemy URL with an async driver, such as {driver}://…"
    try:
        return create_async_engine(
            make_url(url),
            poolclass=NullPool,
            hide_parameters=True,
            json_serializer=partial(json.dumps, ensure_ascii=False, allow_nan=False),
            json_deserializer=document,
        )
    except ModuleNotFoundError as error:
        raise CopyError(
            f"{option} {shown} needs the package {error.name!r}, which is not installed in the "
            "service's environment",
            f"Add it for the copy: `uv run --with {error.name} groundplan copydata …`, or "
            f"`pip install {error.name}` in that environment.",
        ) from error
    except (ArgumentError, InvalidRequestError, NoSuchModuleError, ValueError) as error:
        problem = f"{option} {shown} is not a database URL: {reason(error)}"
        raise CopyError(problem, fix) from None


def document(text: str) -> Any:
    """Parse a JSON document; its null is kept apart from SQL's NULL."""
    value = json.loads(text)
    return JSON.NULL if value is None else value


def file_of(engine: AsyncEngine) -> Path | None:
    """Return the database's file, or None for a server: SQLite's driver takes a name, others an address."""
    names, _ = engine.dialect.create_connect_args(engine.url)
    return Path(str(names[0])) if names and not str(names[0]).startswith("file:") else None


def identity(engine: AsyncEngine) -> tuple[object, ...]:
    """Return a value that is equal for two spellings of one database's URL.

    It does not recognise localhost and 127.0.0.1 as one host; that copy is refused because the target
    has rows.
    """
    file, url = file_of(engine), engine.url
    if file is not None:
        return (file.resolve(),)
    return (engine.dialect.name, (url.host or "").lower(), url.port, url.database)


@asynccontextmanager
async def connected(engine: AsyncEngine, limit: float) -> AsyncGenerator[AsyncConnection]:
    """Connect to a database; a transaction that is still open at the end of the block is rolled back.

    Args:
        engine: for the database.
        limit: seconds to wait for it.

    Raises:
        CopyError: the database does not answer in time.
    """
    file = file_of(engine)
    if file is not None and not file.is_file():
        raise CopyError(  # connecting would create the file
            f"the database {engine.url.render_as_string()} cannot be read: no such file: {file}",
            f"Correct the path; it is relative to {Path.cwd()}, unless it begins with a slash.",
        )
    connection = engine.connect()
    try:
        async with timeout(limit):
            await connection.start()
    except (DBAPIError, OSError, RuntimeError) as error:  # TimeoutError is an OSError
        why = str(reason(error))
        if isinstance(error, TimeoutError):
            why = f"no answer within {limit:g} s"
        raise unreachable(engine.url, why) from error
    try:
        yield connection
    finally:
        await connection.close()


async def begin_snapshot(connection: AsyncConnection) -> None:
    """Begin a transaction that does not see what other connections commit later."""
    proxied = await connection.get_raw_connection()
    driver_connection: Any = proxied.driver_connection
    levels = connection.dialect.get_isolation_level_values(driver_connection)
    if SNAPSHOT in levels:
        await connection.execution_options(isolation_level=SNAPSHOT)
    else:  # SQLite: a transaction is a snapshot, but its driver does not begin one for a SELECT
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.exec_driver_sql("BEGIN")


def unreachable(url: URL, why: str) -> CopyError:
    return CopyError(
        f"the database {url.render_as_string()} cannot be reached: {why}",
        "Start its server, or correct the URL.",
    )
