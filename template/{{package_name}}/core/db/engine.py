# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The engine: one per process, created at its first use."""

from asyncio import timeout
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import cache
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import PoolProxiedConnection

from ...settings import settings
from . import events
from .driver.engine import ACCEPTS_WRITES, READ_ONLY, connect_args, prepare
from .errors import Unavailable, WritesRefused
from .exact import to_json
from .pool import Pool

Result = TypeVar("Result")
Work = Callable[[PoolProxiedConnection], Awaitable[Result]]


class Reads(Protocol):
    """Where a request reads, if it may read elsewhere than on the primary."""

    wrote: bool  # from then on it reads on the primary

    def engine(self) -> AsyncEngine: ...
    async def run(self, work: Work[Result]) -> Result: ...


reads: ContextVar[Reads | None] = ContextVar("where a request reads", default=None)


@cache
def get_engine() -> AsyncEngine:
    """The process's engine. It connects at the first statement."""
    return make_engine(settings.database_url)


@cache
def get_reading_engine() -> AsyncEngine:
    """The same engine and pool, with the options of a read-only unit of work."""
    return get_engine().execution_options(read_only=True, **READ_ONLY)


def engine_to_read() -> AsyncEngine:
    """The engine of a new read-only unit of work."""
    request = reads.get()
    return get_reading_engine() if request is None else request.engine()


def note_write() -> None:
    """Let the request, if any, read what it writes."""
    request = reads.get()
    if request is not None:
        request.wrote = True


def get_pool() -> Pool:
    """The engine's pool, for statements on driver connections."""
    return cast("Pool", get_engine().sync_engine.pool)


async def dispose_engine() -> None:
    """Close all connections; the next `get_engine()` creates a new engine."""
    if get_engine.cache_info().currsize:
        engine = get_engine()
        get_engine.cache_clear()
        get_reading_engine.cache_clear()
        try:
            async with timeout(settings.db_connect_timeout):
                await engine.dispose()
        except TimeoutError:  # the server does not answer
            cast("Pool", engine.sync_engine.pool).drop()


async def ping() -> None:
    """Check that the database answers, and accepts writes unless `db_only_reads`.

    Raises:
        Unavailable: no answer within `db_connect_timeout` seconds.
        WritesRefused: it is a standby, for example.
    """
    question = text("SELECT 1" if settings.db_only_reads else ACCEPTS_WRITES)
    try:
        async with timeout(settings.db_connect_timeout), get_reading_engine().connect() as database:
            accepts = await database.scalar(question)
    except TimeoutError as error:
        raise Unavailable from error
    if not accepts:
        events.note_refusal()
        raise WritesRefused


def make_engine(url: str, **options: Any) -> AsyncEngine:
    """A new engine with this project's settings and hooks.

    Args:
        url: of the database, with the driver named.
        options: of `create_async_engine`; they override the settings.
    """
    defaults: dict[str, Any] = {
        "echo": settings.db_echo,
        "hide_parameters": not settings.debug,
        "json_serializer": to_json,
        "poolclass": Pool,
        "pool_reset_on_return": None,  # `events.roll_back` does it, if a transaction is open
    }
    if issubclass(options.get("poolclass", Pool), Pool):
        defaults |= {
            "pool_size": settings.db_pool_size,
            "max_overflow": settings.db_max_overflow,
            "pool_timeout": settings.db_pool_timeout,
            "pool_recycle": settings.db_pool_recycle,
        }
    address, arguments = connect_args(make_url(url), settings)
    arguments |= options.pop("connect_args", {})
    engine = create_async_engine(address, connect_args=arguments, **{**defaults, **options})
    prepare(engine.sync_engine)
    events.install(engine.sync_engine)
    return engine
