# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The job queue on SQLite: workers look for jobs once a second."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import ColumnElement, Insert, Select, bindparam, func, select

from ..db import UTCDateTime, utc_now

READ_COMMITTED: str | None = None  # transactions that write run one after the other


def now() -> ColumnElement[datetime]:
    """The time: the database has the clock of this machine."""
    return bindparam(None, callable_=utc_now, type_=UTCDateTime())


def distinct(column: ColumnElement[str], where: ColumnElement[bool]) -> Select[str]:
    """The values of a column in some rows: one step in an index each, however many rows there are."""
    first = select(func.min(column).label("value")).where(where).cte("found", recursive=True)
    following = select(func.min(column)).where(where, column > first.c.value).scalar_subquery()
    found = first.union_all(select(following).where(first.c.value.is_not(None)))
    return select(found.c.value).where(found.c.value.is_not(None))


def announced(statement: Insert) -> Insert:
    """The statement unchanged: SQLite does not notify other processes."""
    return statement


@asynccontextmanager
async def listening(wake: Callable[[str], None]) -> AsyncGenerator[None]:
    """Nothing to listen to."""
    yield
