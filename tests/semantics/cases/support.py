"""What the cases share: units of work that leave nothing behind, and eyes on the statements."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import NullPool, event, func, inspect, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.lab.models import Counter
from my_service.core.db import Base, dispose_engine, get_engine, make_engine, transaction
from my_service.core.db.session import everything_rolled_back
from my_service.settings import settings

KILL = {"postgresql": "SELECT pg_terminate_backend({})"}

ModelT = TypeVar("ModelT", bound=Base)


class Undone(Exception):
    """Rolls a unit of work back."""


@asynccontextmanager
async def undone() -> AsyncGenerator[AsyncSession]:
    """A unit of work whose rows are not kept, for one example among many."""
    try:
        async with transaction() as session:
            yield session
            raise Undone
    except Undone:
        pass


async def stored(session: AsyncSession, row: ModelT) -> ModelT:
    """The row as the database has it, in a new object."""
    identity = inspect(row).identity
    await session.flush()
    session.expunge_all()
    again = await session.get(type(row), identity or key_of(row))
    assert again is not None
    assert again is not row
    return again


async def stored_value(session: AsyncSession, row: Base, name: str) -> Any:
    """One column of a row, as the database has it."""
    model = type(row)
    await session.flush()
    key = getattr(model, key_name(row))
    return await session.scalar(select(getattr(model, name)).where(key == key_of(row)))


def key_name(row: Base) -> str:
    return str(row.__mapper__.primary_key[0].key)


def key_of(row: Base) -> Any:
    return getattr(row, key_name(row))


def database() -> str:
    """The server's name: "postgresql", "sqlite", "mysql" or "mariadb"."""
    dialect: Any = get_engine().dialect
    return "mariadb" if getattr(dialect, "is_mariadb", False) else str(dialect.name)


@dataclass
class Seen:
    """What went to the database."""

    statements: list[str] = field(default_factory=list[str])
    commits: int = 0
    begins: int = 0

    def __len__(self) -> int:
        return len(self.statements)


@contextmanager
def watched() -> Generator[Seen]:
    """See each statement and transaction of the block, prepared statements included.

    They are seen through the log of slow statements, from which none is exempt here.
    """
    seen = Seen()
    engine = get_engine().sync_engine
    handler = Collector(seen.statements)
    logger = logging.getLogger("my_service.core.db.events")
    limit, propagate = settings.db_slow_query, logger.propagate

    def count_begin(connection: object) -> None:
        seen.begins += 1

    def count_commit(connection: object) -> None:
        seen.commits += 1

    event.listen(engine, "begin", count_begin)
    event.listen(engine, "commit", count_commit)
    settings.db_slow_query = 1e-9
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield seen
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate
        settings.db_slow_query = limit
        event.remove(engine, "begin", count_begin)
        event.remove(engine, "commit", count_commit)


class Collector(logging.Handler):
    """Keeps the SQL of slow statements; SQLite's BEGIN is a statement too, and left out."""

    def __init__(self, statements: list[str]) -> None:
        super().__init__()
        self.statements = statements

    def emit(self, record: logging.LogRecord) -> None:
        arguments: Any = record.args
        sql = str(arguments[-1])
        if not sql.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            self.statements.append(sql)


def names(rows: Sequence[Any], attribute: str = "name") -> list[Any]:
    return [getattr(row, attribute) for row in rows]


@asynccontextmanager
async def with_settings(**values: Any) -> AsyncGenerator[None]:
    """Other settings of the engine, for a while."""
    before = {name: getattr(settings, name) for name in values}
    await dispose_engine()
    for name, value in values.items():
        setattr(settings, name, value)
    try:
        yield
    finally:
        await dispose_engine()
        for name, value in before.items():
            setattr(settings, name, value)


async def kill(*numbers: int) -> None:
    """Have the server end connections, by what it calls them."""
    other = make_engine(settings.database_url, poolclass=NullPool)
    async with other.connect() as connection:
        for number in numbers:
            await connection.execute(text(KILL.get(database(), "KILL {}").format(number)))


@asynccontextmanager
async def held(*keys: str) -> AsyncGenerator[None]:
    """Rows that somebody else has changed and keeps locked, while all others lose patience soon."""
    limit, patient = settings.db_statement_timeout, make_engine(settings.database_url)
    await dispose_engine()
    changed, done = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with patient.begin() as connection:
            change = update(Counter).where(Counter.name.in_(keys)).values(value=Counter.value + 1)
            await connection.execute(change)
            changed.set()
            await done.wait()

    holder = asyncio.create_task(hold())
    try:
        await changed.wait()
        settings.db_statement_timeout = 1
        yield
    finally:
        done.set()
        await holder
        settings.db_statement_timeout = limit
        await patient.dispose()
        await dispose_engine()


async def count(session: AsyncSession, model: type[Base]) -> int:
    """How many rows there are, deleted ones included."""
    statement = select(func.count()).select_from(model)
    options = {"include_deleted": True}
    return await session.scalar(statement, execution_options=options) or 0


# Where a statement runs

Work = Callable[[], Awaitable[Any]]


async def outside(work: Work) -> Any:
    return await work()


async def inside(work: Work) -> Any:
    async with transaction():
        return await work()


async def under_the_fixture(work: Work) -> Any:
    async with everything_rolled_back():
        return await work()


async def inside_under_the_fixture(work: Work) -> Any:
    async with everything_rolled_back(), transaction():
        return await work()


PLACES = [outside, inside, under_the_fixture, inside_under_the_fixture]
