"""What callers learn of writes that were cut short, and listeners of streams that failed."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import String, literal_column, make_url, select, text, update
from sqlalchemy.exc import OperationalError

from my_service.apps.lab.models import Counter
from my_service.core.db import (
    InvalidValue,
    OutcomeUnknown,
    Statement,
    Unavailable,
    on_statement,
    prepare,
    prepare_delete,
    prepare_insert,
    prepare_update,
    prepare_upsert,
    transaction,
)
from my_service.settings import settings

from .proxies import proxied
from .support import database

pytestmark = pytest.mark.commits


@dataclass
class CounterRead:
    name: str
    value: int
    note: str | None


ADD = prepare_insert(Counter, CounterRead)
CHANGE = prepare_update(Counter, CounterRead)
PUT = prepare_upsert(Counter, CounterRead, by=["name"])
DELETE = prepare_delete(Counter)
ALL = prepare(select(Counter).order_by(Counter.name), CounterRead)

Write = Callable[[], Awaitable[object]]
KEPT = CounterRead("marker", 1, None)
WRITES: dict[str, tuple[Write, list[CounterRead]]] = {
    "insert": (lambda: ADD.one(name="a marker", value=1), [CounterRead("a marker", 1, None), KEPT]),
    "update": (lambda: CHANGE.one("marker", {"note": "x"}), [CounterRead("marker", 1, "x")]),
    "upsert": (lambda: PUT.one(name="marker", value=2), [CounterRead("marker", 2, None)]),
    "delete": (lambda: DELETE.one("marker"), []),
}
writes = pytest.mark.parametrize("name", WRITES)


@writes
async def test_a_lost_answer_to_a_commit_is_an_unknown_outcome(isolated: None, name: str) -> None:
    if database() == "sqlite":
        return  # has no connection to lose
    write, written = WRITES[name]
    async with proxied() as proxy:
        await ADD.one(name="marker", value=1)
        proxy.fatal = b"marker" if database() == "postgresql" else b"COMMIT"
        with pytest.raises(OutcomeUnknown):
            await write()
        assert proxy.lost == 1
        assert await ALL.all() == written


@writes
async def test_a_connection_lost_before_the_commit_has_written_nothing(
    isolated: None, name: str
) -> None:
    if database() in ("sqlite", "postgresql"):
        return  # without a connection; and with a statement that is its own commit
    write, _ = WRITES[name]
    async with proxied() as proxy:
        await ADD.one(name="marker", value=1)
        proxy.fatal = b"marker"
        with pytest.raises(Unavailable) as caught:
            await write()
        assert not isinstance(caught.value, OutcomeUnknown)
        assert await ALL.all() == [KEPT]


@writes
async def test_a_commit_without_an_answer_in_time_is_an_unknown_outcome(
    isolated: None, name: str
) -> None:
    if database() == "sqlite":
        return  # has no server to wait for
    write, written = WRITES[name]
    async with proxied(db_statement_timeout=0.2) as proxy:  # and a second
        await ADD.one(name="marker", value=1)
        proxy.silent = b"marker" if database() == "postgresql" else b"COMMIT"
        with pytest.raises(OutcomeUnknown):
            await write()
        assert await ALL.all() == written


# SQLite's thread cannot be cancelled


class Holder:
    """Another process's lock, held by a thread of this one."""

    def __init__(self) -> None:
        path = make_url(settings.database_url).database
        self._connection = sqlite3.connect(str(path), isolation_level=None, check_same_thread=False)
        self._connection.execute("BEGIN IMMEDIATE")

    def release(self) -> None:
        self._connection.execute("ROLLBACK")
        self._connection.close()


@writes
async def test_a_write_cancelled_in_its_thread_is_not_committed(isolated: None, name: str) -> None:
    if database() != "sqlite":
        return
    write, _ = WRITES[name]
    await ADD.one(name="marker", value=1)
    holder = Holder()
    task = asyncio.ensure_future(write())
    await asyncio.wait({task}, timeout=0.2)  # its thread waits for the lock
    task.cancel()
    await asyncio.wait({task}, timeout=0)  # the task knows, its thread still waits
    holder.release()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with transaction() as session:  # after the thread, which has the lock by now or never
        await session.execute(text("SELECT 1"))
    assert await ALL.all() == [KEPT]


async def test_an_error_of_the_sqlite_module_is_raised_as_it_is(isolated: None) -> None:
    if database() != "sqlite":
        return
    await ADD.one(name="marker", value=1)
    async with transaction() as session:
        no_text = literal_column("CAST(x'ff' AS TEXT)", String)
        await session.execute(update(Counter).values(note=no_text))
    with pytest.raises(OperationalError, match="Could not decode to UTF-8 column 'note'"):
        await CHANGE.one("marker", {"value": 2})


# A stream that fails after it has begun


async def test_an_error_of_a_streams_fetch_is_heard(isolated: None) -> None:
    if database() != "postgresql":
        return  # the others compute the rows, or give NULL
    statements: list[Statement] = []
    stop = on_statement(statements.append)
    with pytest.raises(InvalidValue):
        async with transaction(read_only=True) as session:
            rows = await session.stream_scalars(
                text("SELECT 10 / (3 - n) FROM generate_series(1, 5) AS n")
            )
            async for _ in rows:
                pass
    stop()
    heard = [statement for statement in statements if "generate_series" in statement.sql]
    assert isinstance(heard[-1].error, InvalidValue)
    assert [statement.rows for statement in heard[:-1]] == [None]
