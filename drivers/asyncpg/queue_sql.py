# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The job queue on PostgreSQL: a job that is enqueued wakes the workers."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Insert, Select, func, select

from ...settings import settings
from ..db import UTCDateTime, get_engine

CHANNEL = "job"
RECONNECT = 5.0  # seconds between attempts to listen again
READ_COMMITTED: str | None = None  # is the default

logger = logging.getLogger(__name__)


def now() -> ColumnElement[datetime]:
    """The time by the server's clock."""
    return func.clock_timestamp(type_=UTCDateTime())


def distinct(column: ColumnElement[str], where: ColumnElement[bool]) -> Select[str]:
    """The values of a column in some rows: one step in an index each, however many rows there are."""
    first = select(func.min(column).label("value")).where(where).cte("found", recursive=True)
    following = select(func.min(column)).where(where, column > first.c.value).scalar_subquery()
    found = first.union_all(select(following).where(first.c.value.is_not(None)))
    return select(found.c.value).where(found.c.value.is_not(None))


def announced(statement: Insert) -> Insert:
    """Notify the workers of the job's queue in the same statement; delivered after the commit."""
    return statement.returning(func.pg_notify(CHANNEL, statement.table.c.queue))


@asynccontextmanager
async def listening(wake: Callable[[str], None]) -> AsyncGenerator[None]:
    """Call `wake` with the name of a queue whenever a job is enqueued in it.

    A pooler lets no notification through.
    """
    if settings.db_pooler:
        yield
        return
    listener = asyncio.create_task(listen(wake))
    try:
        yield
    finally:
        listener.cancel()
        with suppress(asyncio.CancelledError):
            await listener


async def listen(wake: Callable[[str], None]) -> None:
    while True:
        try:
            await listen_until_lost(wake)
        except Exception as error:  # the driver's own too: a standby refuses to listen
            reason = error.__cause__ or error
            logger.warning("cannot listen for jobs; looking for them once a second: %s", reason)
        await asyncio.sleep(RECONNECT)


async def listen_until_lost(wake: Callable[[str], None]) -> None:
    lost = asyncio.Event()

    def note_end(connection: object) -> None:
        lost.set()

    def notice(connection: object, process: int, channel: str, queue: str) -> None:
        wake(queue)

    async with get_engine().connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        driver.add_termination_listener(note_end)
        try:
            await driver.add_listener(CHANNEL, notice)
            await lost.wait()
        finally:
            await connection.invalidate()  # rather than return it with its listener
