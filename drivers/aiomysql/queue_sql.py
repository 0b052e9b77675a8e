# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The job queue on MySQL and MariaDB: workers look for jobs once a second."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import ColumnElement, Insert, Select, func, select

from ..db import UTCDateTime

# By default InnoDB also locks the gaps between rows, and enqueuing would wait for the workers.
READ_COMMITTED: str | None = "READ COMMITTED"


def now() -> ColumnElement[datetime]:
    """The time by the server's clock."""
    return func.utc_timestamp(6, type_=UTCDateTime())


def distinct(column: ColumnElement[str], where: ColumnElement[bool]) -> Select[str]:
    """The values of a column in some rows, which the server finds by an index."""
    return select(column).where(where).distinct()


def announced(statement: Insert) -> Insert:
    """The statement unchanged: MySQL does not notify clients."""
    return statement


@asynccontextmanager
async def listening(wake: Callable[[str], None]) -> AsyncGenerator[None]:
    """Nothing to listen to."""
    yield
