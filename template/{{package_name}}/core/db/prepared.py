# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Prepared statements: written in SQLAlchemy, compiled once, run at the driver's speed.

A statement is written next to the schema that its rows become, and compiled at its first use.
Each later use binds its arguments and runs on a driver connection of the pool: no session, no
BEGIN and COMMIT, no compilation. SQLAlchemy's types convert the values, so the rows are those
that a session returns.

    read_user = prepare(select(User).where(User.id == bindparam("id")), UserRead)

    user = await read_user.one(id=key)

Inside an open unit of work the statement is part of it: it runs in its transaction.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from importlib import import_module
from typing import Any, Generic, TypeVar, get_type_hints

from pydantic import TypeAdapter
from sqlalchemy.exc import MultipleResultsFound
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.pool import PoolProxiedConnection

from .base import Base
from .compiled import AnySelect, Query, first_row
from .driver.fetch import fetch, type_codes, write
from .engine import Result, Work, get_engine, get_pool, reads
from .errors import Conflict, NotFound, Unavailable
from .events import error_from_driver, known_error, report
from .greenlets import call
from .mapping import columns_of, columns_read, nested_fields, only_column, with_columns
from .pool import Pool
from .session import NOT_DELETED, on_primary, open_unit, undone_if_failed, unit_to_join

Row = TypeVar("Row")
Rows = Sequence[Sequence[Any]]

PLAIN = ""  # the name of the only column of plain values


def prepare(
    statement: AnySelect, into: type[Row], *, include_deleted: bool = False, primary: bool = False
) -> "Prepared[Row]":
    """Prepare a select.

    Args:
        statement: its arguments are `bindparam("name")`, with `expanding=True` for `in_`.
        into: a schema or dataclass that each row becomes; only its fields are read. Or the class of
            plain values, such as `str`, if the select has one column.
        include_deleted: include soft-deleted rows.
        primary: never read a replica, as for permissions.

    Raises:
        TypeError: two columns have the name of one field, or a required field has no column; or
            plain values of more than one column.
    """
    if get_type_hints(into):
        columns, nesting = columns_and_nesting(into, statement, include_deleted)
    else:
        columns, nesting = {PLAIN: only_column(into, statement)}, None
    statement, part = with_nested(statement, columns, nesting)
    if include_deleted:
        statement = statement.execution_options(include_deleted=True)
    else:
        statement = statement.options(NOT_DELETED)
    return Prepared(statement, into, list(columns), part=part, primary=primary)


def columns_and_nesting(
    into: type[Any], statement: AnySelect, include_deleted: bool = False
) -> tuple[dict[str, Any], Any]:
    """The columns that a schema reads, and its `Nesting`, if it has fields for related rows."""
    columns = columns_read(into, statement)
    if not (fields := nested_fields(into, columns)):
        return columns, None
    module = import_module(".nesting", __package__)  # imported only by services that use it
    nesting = module.of_select(into, statement, columns, fields, include_deleted)
    return columns | nesting.keys, nesting


def with_nested(
    statement: AnySelect, columns: Mapping[str, Any], nesting: Any
) -> tuple[AnySelect, Any]:
    """The select with these columns, and the `Part` that adds related rows."""
    plain = with_columns(statement, columns.values())
    return (plain, None) if nesting is None else nesting.within(statement, columns)


class Reader(Generic[Row]):
    """Turns rows into what `prepare` says; `part` adds related rows to them."""

    def __init__(self, into: type[Row], names: Sequence[str], part: Any = None) -> None:
        self.part, self.selected = part, names
        self.names: Sequence[str] = part.names if part else names
        self._is_plain = names == [PLAIN]
        self._row = partial(TypeAdapter(into).validator.validate_python, by_name=True)

    def read_one(self, values: Sequence[Any]) -> Row:
        """One instance, from the row's values. What follows them, such as a key, is ignored."""
        given = values[0] if self._is_plain else dict(zip(self.names, values, strict=False))
        row: Row = self._row(given)
        return row

    async def complete(self, rows: Rows) -> Rows:
        """The rows with their related rows."""
        return await self.part.complete(rows) if self.part else rows

    def read(self, rows: Rows) -> list[Row]:
        """One instance for each row."""
        return [self.read_one(values) for values in rows]


class Written(Reader[Row]):
    """Turns written rows into instances. `where` has the write's conditions; None: it inserts."""

    def __init__(self, into: type[Row], model: type[Base], where: Any = None) -> None:
        columns, part = columns_of(into, model), None
        self.columns: Sequence[Any] = [*columns.values()]
        if nested_fields(into, columns):
            module = import_module(".nesting", __package__)
            self.columns, part = module.of_write(into, model, columns, where)
        super().__init__(into, [*columns], part)

    async def answer(self, write: Callable[[], Awaitable[Rows]]) -> Row:
        """Write a row and read its related rows, in one unit of work."""
        async with open_unit() if self.part else nullcontext():
            return self.read_one((await self.complete(await write()))[0])


class Prepared(Reader[Row]):
    """A prepared select; see `prepare`. Each call is one statement, and raises what a session does.

    It raises TypeError if an argument is missing or unknown.
    """

    def __init__(
        self,
        statement: AnySelect,
        into: type[Row],
        names: Sequence[str],
        *,
        part: Any = None,
        primary: bool = False,
    ) -> None:
        super().__init__(into, names, part)
        self.query, self._first = Query(statement), Query(first_row(statement))
        self._primary = primary

    async def all(self, **arguments: Any) -> list[Row]:
        """All rows."""
        return self.read(await self.fetch(arguments))

    async def first(self, **arguments: Any) -> Row | None:
        """The first row, or None."""
        rows = await self.fetch(arguments, self._first)
        return self.read_one(rows[0]) if rows else None

    async def one(self, **arguments: Any) -> Row:
        """The only row.

        Raises:
            NotFound: no row.
            sqlalchemy.exc.MultipleResultsFound: several rows.
        """
        rows = await self.fetch(arguments)
        if len(rows) > 1:
            raise MultipleResultsFound(f"one() got {len(rows)} rows; use first() or all()")
        if not rows:
            raise NotFound
        return self.read_one(rows[0])

    def fetch(self, arguments: Mapping[str, Any], query: Query | None = None) -> Awaitable[Rows]:
        """The rows as sequences of Python values, in the order of `names`."""
        query = query or self.query
        rows = self.part.fetch(query, arguments) if self.part else run_one(query, arguments)
        return from_primary(rows) if self._primary and reads.get() is not None else rows


async def from_primary(rows: Awaitable[Rows]) -> Rows:
    with on_primary():
        return await rows


async def run_one(query: Query, arguments: Mapping[str, Any]) -> Rows:
    """Run a statement; as `run`, but without two coroutines, which cost 4% of a request."""
    if unit_to_join() is None:
        return await read(lambda pooled: run_on(pooled, query, arguments))
    [rows] = await run((query, arguments))
    return rows


async def run(*uses: tuple[Query, Mapping[str, Any]]) -> list[Rows]:
    """Run statements in the open unit of work, or else on one connection of the pool."""
    unit = unit_to_join()
    if unit is not None:
        async with nullcontext() if isinstance(unit, AsyncSession) else undone_if_failed(unit):
            return [await run_in(unit, *use) for use in uses]

    async def run_all(pooled: PoolProxiedConnection) -> list[Rows]:
        return [await run_on(pooled, *use) for use in uses]

    return await read(run_all)


def read(work: Work[Result]) -> Awaitable[Result]:
    """Call `work`, which only reads, with a connection of the primary or a replica."""
    request = reads.get()
    return on_connection(work) if request is None else request.run(work)


async def on_connection(work: Work[Result], pool: Pool | None = None) -> Result:
    """Call `work` with a connection of the pool."""
    pool = pool or get_pool()
    try:
        pooled = await pool.take()
    except Exception as error:
        known = known_error(error, lost=False)
        if known is None or known is error:
            raise
        raise known from error
    try:
        result = await work(pooled)
    except BaseException as error:
        if isinstance(error, Exception) and not isinstance(error, Conflict | Unavailable):
            await call(pooled.close)
        else:  # lost, out of date, or cancelled while an answer may still be on its way
            await call(pooled.invalidate, error)
        raise
    await pool.give_back(pooled)
    return result


async def run_in(
    unit: AsyncSession | AsyncConnection, query: Query, arguments: Mapping[str, Any]
) -> Rows:
    if not query.is_compiled(get_engine().dialect, arguments):
        if isinstance(unit, AsyncSession):
            await unit.connection()
        query.compiled(get_engine().dialect, arguments)  # refuses missing and unknown arguments
    return (await unit.execute(query.statement, dict(arguments))).all()


async def run_on(
    pooled: PoolProxiedConnection,
    query: Query,
    arguments: Mapping[str, Any],
    *,
    then: Callable[[Rows], Awaitable[Rows]] | None = None,
) -> Rows:
    """Run a statement on the driver's connection. `then` reads written rows before their commit."""
    engine, connection = get_engine().sync_engine, pooled.driver_connection
    compiled = query.compiled(engine.dialect, arguments)
    sql, values = compiled.bind(arguments)
    if engine.logger.isEnabledFor(logging.INFO):
        engine.logger.info("%s [prepared]", sql)

    started = time.perf_counter()
    try:
        if not compiled.is_described:
            compiled.describe(await type_codes(connection, sql, compiled.width))
        if query.writes:
            rows = await write(connection, sql, values, then)
        else:
            rows = await fetch(connection, sql, values)
    except Exception as error:
        raised = error_from_driver(error, sql, pooled, engine.dialect)
        report(sql, started, error=raised)
        if raised is error:
            raise
        raise raised from error
    except BaseException as error:
        report(sql, started, error=error)
        raise
    report(sql, started, len(rows))
    return compiled.convert(rows)
