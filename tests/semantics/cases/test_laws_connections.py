"""Laws of connections: lost commits, idle connections, limits of the pool, and what listeners see."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import bindparam, event, literal, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from my_service.apps.lab.models import Counter
from my_service.apps.lab.repository import CounterRepository
from my_service.core.db import (
    Duplicate,
    OutcomeUnknown,
    Statement,
    Unavailable,
    events,
    get_engine,
    make_engine,
    on_statement,
    prepare,
    prepare_insert,
    transaction,
)
from my_service.core.db.driver.engine import READ_ONLY
from my_service.core.web import Router, Schema, SessionDep, create_app
from my_service.settings import settings

from .proxies import proxied
from .support import database, kill, with_settings

pytestmark = pytest.mark.commits


class CounterRead(Schema):
    name: str
    value: int


class Answer(Schema):
    answer: int


ADD = prepare_insert(Counter, CounterRead)
READ = prepare(select(Counter).where(Counter.name == bindparam("name")), CounterRead)
ONE = prepare(select(literal(1).label("answer")), Answer)


async def stored() -> list[str]:
    async with transaction(read_only=True) as session:
        return list(await session.scalars(select(Counter.name).order_by(Counter.name)))


# A commit whose answer is lost


async def in_a_unit() -> None:
    async with transaction() as session:
        await CounterRepository(session).add(Counter(name="marker", value=1))


async def prepared() -> None:
    await ADD.one(name="marker", value=1)


@pytest.mark.parametrize("write", [in_a_unit, prepared])
async def test_a_lost_answer_to_a_commit_is_an_unknown_outcome(
    isolated: None, write: Callable[[], Awaitable[None]]
) -> None:
    if database() == "sqlite":
        return  # has no connection to lose
    async with proxied() as proxy:
        await ADD.one(name="a", value=1)
        at_once = write is prepared and database() == "postgresql"
        proxy.fatal = b"marker" if at_once else b"COMMIT"
        with pytest.raises(OutcomeUnknown):
            await write()
        assert proxy.lost == 1
        assert await stored() == ["a", "marker"]


async def test_an_unknown_outcome_has_its_own_answer(isolated: None) -> None:
    if database() == "sqlite":
        return  # has no connection to lose
    router = Router()

    @router.post("/counters")
    async def route(session: SessionDep) -> None:
        await CounterRepository(session).add(Counter(name="marker", value=1))

    app = create_app(settings, title="Counters")
    app.include_router(router)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        proxied() as proxy,
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        await ADD.one(name="a", value=1)
        proxy.fatal = b"COMMIT"
        answer = await client.post("/counters")
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:problem:outcome-unknown"
    assert "retry-after" not in answer.headers


async def test_a_statement_before_the_commit_that_is_lost_is_not_written(isolated: None) -> None:
    if database() == "sqlite":
        return  # has no connection to lose
    async with proxied() as proxy:
        await ADD.one(name="a", value=1)
        with pytest.raises(Unavailable) as caught:
            async with transaction() as session:
                proxy.fatal = b"marker"
                await CounterRepository(session).add(Counter(name="marker", value=1))
        assert not isinstance(caught.value, OutcomeUnknown)
        assert await stored() == ["a"]


# Idle connections


async def read_in_a_unit() -> None:
    async with transaction(read_only=True) as session:
        await CounterRepository(session).count()


async def read_prepared() -> None:
    await READ.all(name="a")


@pytest.mark.parametrize("before", [read_in_a_unit, read_prepared])
@pytest.mark.parametrize("after", [read_in_a_unit, read_prepared])
async def test_an_idle_connection_that_the_server_closed_costs_no_error(
    isolated: None,
    monkeypatch: pytest.MonkeyPatch,
    before: Callable[[], Awaitable[None]],
    after: Callable[[], Awaitable[None]],
) -> None:
    if database() == "sqlite":
        return  # has no connection to close
    async with with_settings(db_pool_size=1, db_max_overflow=0):
        with opened() as connections:
            await before()
        own = "get_server_pid" if database() == "postgresql" else "thread_id"
        await kill(getattr(connections[0], own)())
        monkeypatch.setattr(events, "IDLE", 0)
        await after()


@contextmanager
def opened() -> Generator[list[Any]]:
    """The drivers' connections that are opened meanwhile."""
    connections: list[Any] = []

    def note(connection: object, record: Any) -> None:
        connections.append(record.driver_connection)

    engine = get_engine().sync_engine
    event.listen(engine, "connect", note)
    yield connections
    event.remove(engine, "connect", note)


async def test_a_failing_listener_costs_no_slot_of_the_pool(
    isolated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*checkin: object) -> None:
        raise ZeroDivisionError

    async with with_settings(db_pool_size=1, db_max_overflow=0, db_pool_timeout=0.5):
        await read_prepared()
        engine = get_engine().sync_engine
        event.listen(engine, "checkin", fail)
        with pytest.raises(ZeroDivisionError):
            await read_in_a_unit()  # the kept connection becomes an idle one
        event.remove(engine, "checkin", fail)
        for _ in range(3):
            await read_in_a_unit()
            await read_prepared()
        pool: Any = get_engine().pool
        assert (pool.checkedin(), pool.checkedout()) == (1, 0)


# Options of an engine


@pytest.mark.parametrize(
    "options", [{"pool_size": 0}, {"max_overflow": -1}, {"pool_size": 1, "max_overflow": -1}]
)
async def test_a_pool_without_a_limit_has_none(isolated: None, options: dict[str, int]) -> None:
    engine = make_engine(settings.database_url, pool_timeout=0.5, **options)
    reading = engine.execution_options(**READ_ONLY)
    connections = [await reading.connect() for _ in range(25)]
    for connection in connections:
        assert await connection.scalar(text("SELECT 1")) == 1
    await asyncio.gather(*(connection.close() for connection in connections))
    pool: Any = engine.pool
    kept = options.get("pool_size", settings.db_pool_size) or 25
    assert (pool.checkedin(), pool.checkedout()) == (kept, 0)
    await engine.dispose()


async def test_an_engine_takes_the_options_of_sqlalchemy(
    isolated: None, caplog: pytest.LogCaptureFixture
) -> None:
    for options in ({"poolclass": NullPool}, {"pool_size": 1}, {"hide_parameters": False}):
        engine = make_engine(settings.database_url, echo=True, **options)
        async with engine.connect() as connection:
            await connection.execute(select(Counter).where(Counter.name == "shown"))
        await engine.dispose()
    assert caplog.text.count("FROM counters") == 3
    assert caplog.text.count("shown") == 1


# What listeners see


@contextmanager
def heard() -> Generator[list[Statement]]:
    statements: list[Statement] = []
    stop = on_statement(statements.append)
    yield statements
    stop()


WORK: dict[str, tuple[Callable[[], Awaitable[object]], str, int | None]] = {
    "prepared": (lambda: READ.all(name="a"), "SELECT", 1),
    "unit": (lambda: change(), "UPDATE", 2),
    "insert": (lambda: ADD.one(name="secret", value=1), "INSERT", 1),
}


async def change() -> None:
    async with transaction() as session:
        await CounterRepository(session).update_where(values={"note": "secret"})


@pytest.mark.parametrize("name", WORK)
async def test_each_statement_is_heard_once_without_values(isolated: None, name: str) -> None:
    for key in "ab":
        await ADD.one(name=key, value=1)
    work, verb, rows = WORK[name]
    with heard() as statements:
        await work()
    (seen,) = [statement for statement in statements if statement.sql.startswith(verb)]
    assert seen.rows == rows
    assert seen.error is None
    assert seen.duration > 0
    assert seen.started > 1.7e9
    assert "secret" not in seen.sql
    with heard() as statements:
        pass
    assert statements == []


@pytest.mark.parametrize("unit", [True, False])
async def test_an_error_is_heard(isolated: None, unit: bool) -> None:
    await ADD.one(name="a", value=1)
    with heard() as statements, pytest.raises(Duplicate):
        if unit:
            async with transaction() as session:
                await CounterRepository(session).add(Counter(name="a", value=1))
        else:
            await ADD.one(name="a", value=1)
    (failed,) = [statement for statement in statements if statement.error is not None]
    assert failed.sql.startswith("INSERT")
    assert isinstance(failed.error, Duplicate)


async def test_a_listener_that_fails_is_logged(
    isolated: None, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(statement: Statement) -> None:
        raise ZeroDivisionError

    stop = on_statement(fail)
    with caplog.at_level(logging.ERROR, logger="my_service"):
        assert (await ONE.one()).answer == 1
        await read_in_a_unit()
    stop()
    assert len([record for record in caplog.records if record.exc_info]) >= 2


async def test_the_echo_has_prepared_statements(
    isolated: None, caplog: pytest.LogCaptureFixture
) -> None:
    async with with_settings(db_echo=True):
        await READ.all(name="secret")
    assert "FROM counters" in caplog.text
    assert "secret" not in caplog.text


async def test_a_mistake_in_sql_keeps_the_connection(isolated: None) -> None:
    async with with_settings(db_pool_size=1, db_max_overflow=0):
        with opened() as connections:
            await ONE.one()
            wrong = prepare(select(literal(1).label("answer")).select_from(text("nowhere")), Answer)
            with pytest.raises(DBAPIError):
                await wrong.all()
            await ONE.one()
        assert len(connections) == 1
