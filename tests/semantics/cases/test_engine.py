"""The engine and its pool: sizes, limits, broken connections, addresses, what is logged."""

import asyncio
import logging
import os
import re
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import Context
from dataclasses import dataclass
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import URL, NullPool, event, make_url, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.lab.models import Counter
from my_service.apps.lab.repository import CounterRepository
from my_service.core.db import (
    Unavailable,
    dispose_engine,
    get_engine,
    make_engine,
    ping,
    prepare,
    transaction,
)
from my_service.core.db.driver.databases import create_database, drop_database
from my_service.settings import settings

from .support import database, kill, watched, with_settings

pytestmark = pytest.mark.commits

WHO = {"postgresql": "SELECT pg_backend_pid()"}


@dataclass
class CounterRead:
    name: str


async def whoami(session: AsyncSession) -> Any:
    """The connection: by the server's number, or itself where there is no server."""
    if database() == "sqlite":
        proxied = await (await session.connection()).get_raw_connection()
        return proxied.driver_connection
    return await session.scalar(text(WHO.get(database(), "SELECT CONNECTION_ID()")))


@contextmanager
def aged(seconds: float) -> Generator[None]:
    """Connections that come back to the pool were made, and last used, longer ago."""

    def age(connection: object, record: Any) -> None:
        record.starttime -= seconds
        record.info["in use until"] -= seconds

    engine = get_engine().sync_engine
    event.listen(engine, "checkin", age)
    try:
        yield
    finally:
        event.remove(engine, "checkin", age)


async def test_the_pool_is_as_large_as_the_settings_say(isolated: None) -> None:
    sizes = {"db_pool_size": 2, "db_max_overflow": 1, "db_pool_timeout": 0.1}
    async with with_settings(**sizes):
        async with AsyncExitStack() as units:
            for _ in range(3):
                session = await units.enter_async_context(transaction(read_only=True))
                await CounterRepository(session).count()
            with pytest.raises(Unavailable):
                async with transaction(read_only=True) as session:
                    await CounterRepository(session).count()
            for work in (prepare(select(Counter), CounterRead).all(), ping()):
                apart = asyncio.create_task(work, context=Context())  # in none of the units
                with pytest.raises(Unavailable):
                    await apart
        pool: Any = get_engine().pool
        assert (pool.size(), pool.checkedin(), pool.checkedout()) == (2, 2, 0)


async def test_a_connection_is_used_again(isolated: None) -> None:
    async with transaction(read_only=True) as session:
        first = await whoami(session)
    async with transaction() as session:
        assert await whoami(session) == first


async def test_an_old_connection_is_replaced(isolated: None) -> None:
    await dispose_engine()
    with aged(settings.db_pool_recycle + 1):
        async with transaction(read_only=True) as session:
            first = await whoami(session)
        async with transaction(read_only=True) as session:
            second = await whoami(session)
    assert first != second
    await dispose_engine()


@pytest.mark.parametrize("idle", [True, False])
async def test_a_pooled_connection_that_broke_costs_one_answer_at_most(
    isolated: None, idle: bool
) -> None:
    """One that sat idle is tried before it is used; another is tried once one has failed."""
    if database() == "sqlite":
        return  # has no connection to break
    await dispose_engine()
    async with with_patience(idle), AsyncExitStack() as units:
        sessions = [await units.enter_async_context(transaction(read_only=True)) for _ in range(4)]
        numbers = [await whoami(session) for session in sessions]
        await units.aclose()
        await kill(*numbers)
        failed = 0
        for _ in range(6):
            try:
                async with transaction(read_only=True) as session:
                    await CounterRepository(session).count()
            except Unavailable:
                failed += 1
        assert failed == (0 if idle else 1)


@asynccontextmanager
async def with_patience(idle: bool) -> AsyncGenerator[None]:
    with aged(60 if idle else 0):
        yield
    await dispose_engine()


async def test_a_disposed_engine_is_made_anew(isolated: None) -> None:
    first = get_engine()
    await ping()
    await dispose_engine()
    assert get_engine() is not first
    await ping()


NAME = ' %s "x" `y` ö :z #?&'
PASSWORD = "p@ss:w/rd%41#?&=+ é\\"


async def test_a_database_may_have_any_name(isolated: None) -> None:
    usual = make_url(settings.database_url)
    path = PurePath(str(usual.database))
    odd = usual.set(database=str(path.with_stem(f"{path.stem[:20]}{NAME}")))
    url = odd.render_as_string(hide_password=False)
    assert make_url(url) == odd
    await create_database(url)
    engine = make_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("CREATE TABLE odd (x INTEGER)"))
            await connection.execute(text("INSERT INTO odd VALUES (1)"))
        async with engine.connect() as connection:
            assert await connection.scalar(text("SELECT x FROM odd")) == 1
    finally:
        await engine.dispose()
        await drop_database(url)


async def test_a_password_may_hold_any_character(monkeypatch: pytest.MonkeyPatch) -> None:
    if database() == "sqlite":
        return  # has no passwords
    driver = make_url(settings.database_url).drivername
    url = URL.create(driver, "us@er", PASSWORD, "127.0.0.1", 1, "name")
    engine = make_engine(url.render_as_string(hide_password=False), poolclass=NullPool)
    given: dict[str, Any] = {}

    def connect(**arguments: Any) -> None:
        given.update(arguments)
        raise OSError

    monkeypatch.setattr(engine.sync_engine.dialect, "connect", connect)
    with pytest.raises(Unavailable):
        async with engine.connect():
            pass
    assert (given["user"], given["password"]) == ("us@er", PASSWORD)
    assert PASSWORD not in repr(engine)
    await engine.dispose()


@contextmanager
def without_permission(folder: str) -> Generator[int]:
    """Run the block as a user who may not write to the folder, which root may, and yield the user."""
    own = os.getuid()
    user = own or 65_534
    Path(folder).chmod(0o555)
    os.setresuid(user, user, own)
    try:
        yield user
    finally:
        os.setresuid(own, own, own)
        Path(folder).chmod(0o755)


@pytest.mark.parametrize(
    ("exists", "problem"),
    [(False, "unable to open database file"), (True, "attempt to write a readonly database")],
)
async def test_a_folder_without_permission_to_write_is_named_with_its_users(
    exists: bool, problem: str
) -> None:
    if database() != "sqlite":
        return  # has no folder
    with TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite+aiosqlite:///{folder}/shop.db", poolclass=NullPool)
        if exists:
            async with engine.begin() as connection:
                await connection.execute(text("CREATE TABLE odd (x INTEGER)"))
        with without_permission(folder) as user, pytest.raises(Unavailable) as caught:
            await engine.connect()
    assert str(caught.value.__cause__) == (
        f"{problem}: user {user} may not write to {folder}, of user {os.getuid()}"
    )


async def test_rows_are_read_after_their_commit(isolated: None) -> None:
    async with transaction() as session:
        row = await CounterRepository(session).add(Counter(name="a", value=1))
    with watched() as seen:
        assert (row.name, row.value, row.note) == ("a", 1, None)
    assert len(seen) == 0


async def test_units_at_once_have_connections_of_their_own(isolated: None) -> None:
    async def work(number: int) -> None:
        async with transaction() as session:
            await CounterRepository(session).add(Counter(name=f"{number}", value=number))
            await asyncio.sleep(0)

    await asyncio.gather(*(work(number) for number in range(40)))
    async with transaction(read_only=True) as session:
        assert await CounterRepository(session).count() == 40


async def test_slow_statements_are_logged_without_values(
    isolated: None, caplog: pytest.LogCaptureFixture
) -> None:
    async def both() -> None:
        async with transaction() as session:
            await CounterRepository(session).find(name="secret")
        await prepare(select(Counter).where(Counter.name == "secret"), CounterRead).all()

    with caplog.at_level(logging.WARNING, logger="my_service"):
        await both()
        assert not caplog.records
        settings.db_slow_query = 1e-9
        try:
            await both()
        finally:
            settings.db_slow_query = 0.5
    slow = [record.getMessage() for record in caplog.records if "FROM counters" in record.message]
    assert len(slow) == 2
    assert all(re.match(r"slow statement, \d+\.\d{3} s: SELECT", message) for message in slow)
    assert "secret" not in caplog.text


async def test_the_log_has_the_beginning_of_a_long_statement(
    isolated: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [str(number) for number in range(2_000)]
    monkeypatch.setattr(settings, "db_slow_query", 1e-9)
    with caplog.at_level(logging.WARNING, logger="my_service"):
        await prepare(select(Counter).where(Counter.name.in_(names)), CounterRead).all()
    [message] = [record.getMessage() for record in caplog.records if "counters" in record.message]
    assert 4_000 < len(message) < 4_100


async def test_statements_are_logged_on_demand_without_values(
    isolated: None, caplog: pytest.LogCaptureFixture
) -> None:
    async with with_settings(db_echo=True), transaction() as session:
        await CounterRepository(session).find(name="secret")
    assert "FROM counters" in caplog.text
    assert "secret" not in caplog.text


async def test_a_cancelled_first_connection_is_a_cancellation() -> None:
    """SQLAlchemy asks the server for its version then, and reads some errors as an answer."""
    engine = make_engine(get_engine().url.render_as_string(hide_password=False))

    async def connect() -> None:
        async with engine.connect():
            pass

    def cancel(*connection: object) -> None:
        asyncio.get_running_loop().call_soon(connecting.cancel)

    event.listen(engine.sync_engine, "connect", cancel, insert=True, once=True)
    connecting = asyncio.create_task(connect())
    with pytest.raises(asyncio.CancelledError):
        await connecting
    await connect()
    assert engine.dialect.server_version_info
    await engine.dispose()
