# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Prepared statements: SQLAlchemy's language at the driver's price.

A statement is written once, beside the schema that its rows become, and compiled at its first
use. After that, each use binds its arguments and runs on the pool's driver connection: no session,
no BEGIN and COMMIT, no compilation. Values are converted by SQLAlchemy's own types, so the rows
are those that a session would give.

    read_user = prepare(select(User).where(User.id == bindparam("id")), UserRead)

    user = await read_user.one(id=key)

Within a unit of work that has begun, the statement runs in its transaction, and sees what was
written there.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast, get_type_hints

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Dialect, Insert, insert, inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.util import greenlet_spawn

from .base import Base
from .compiled import AnySelect, CompiledStatement
from .driver.fetch import fetch, fetch_written, type_codes
from .engine import get_engine, get_pool
from .errors import NotFound, Unavailable
from .events import known_error, log_if_slow
from .session import NOT_DELETED, transaction, unit_to_join

Row = TypeVar("Row")
Fetched = tuple[Sequence[str], Sequence[Sequence[Any]]]
CompiledByNames = dict[frozenset[str], CompiledStatement]


def prepare(
    statement: AnySelect, into: type[Row], *, include_deleted: bool = False
) -> "Prepared[Row]":
    """Make a select ready for use.

    Args:
        statement: its arguments are `bindparam("name")`, and `expanding=True` for `in_`.
        into: what a row becomes: a schema or a dataclass; only its fields are read.
        include_deleted: rows that were deleted softly are not left out.
    """
    columns = read_by(into, statement.selected_columns)
    statement = statement.with_only_columns(*columns, maintain_column_froms=True)
    if include_deleted:
        return Prepared(statement.execution_options(include_deleted=True), into)
    return Prepared(statement.options(NOT_DELETED), into)


def prepare_insert(model: type[Base], into: type[Row]) -> "PreparedInsert[Row]":
    """Make the insert of a row ready for use.

    It is committed at once and by itself: it suits a unit of work of this one statement. In one
    that has begun it is a part of its transaction.

    Args:
        model: whose defaults apply to columns that get no value.
        into: what the row becomes, as for `prepare`.
    """
    return PreparedInsert(model, into)


class Prepared(Generic[Row]):
    """A select that is ready for use; see `prepare`. Each call is one statement."""

    def __init__(self, statement: AnySelect, into: type[Row]) -> None:
        self.statement = statement
        self.compiled: CompiledByNames = {}
        self._row: Callable[[Any], Row] = TypeAdapter(into).validator.validate_python

    async def all(self, **arguments: Any) -> list[Row]:
        """All rows."""
        return self.read(await self.fetch(arguments))

    async def first(self, **arguments: Any) -> Row | None:
        """The first row, if there is any."""
        names, rows = await self.fetch(arguments)
        return self._row(dict(zip(names, rows[0], strict=True))) if rows else None

    async def one(self, **arguments: Any) -> Row:
        """The one row.

        Raises:
            NotFound: there is none.
        """
        row = await self.first(**arguments)
        if row is None:
            raise NotFound
        return row

    async def fetch(self, arguments: Mapping[str, Any]) -> Fetched:
        """The columns' names, and the rows as sequences of Python's values.

        Raises:
            TypeError: an argument is missing, or none of the statement's.
            DatabaseError: as from a session.
        """
        [fetched] = await fetch_each((self, arguments))
        return fetched

    def read(self, fetched: Fetched) -> list[Row]:
        """What the rows become."""
        names, rows = fetched
        return [self._row(dict(zip(names, row, strict=True))) for row in rows]


async def fetch_each(*uses: tuple[Prepared[Any], Mapping[str, Any]]) -> list[Fetched]:
    """What several selects give with their arguments, one after the other on one connection.

    Raises:
        TypeError, DatabaseError: as `Prepared.fetch`.
    """
    unit = unit_to_join()
    if unit is None:
        return await run(*((use.statement, use.compiled, arguments) for use, arguments in uses))
    results = [await unit.execute(use.statement, dict(arguments)) for use, arguments in uses]
    return [(list(result.keys()), result.all()) for result in results]


class PreparedInsert(Generic[Row]):
    """An insert of one row that is ready for use; see `prepare_insert`."""

    def __init__(self, model: type[Base], into: type[Row]) -> None:
        self.model = model
        columns = read_by(into, inspect(model).columns)
        self.statement = insert(model).returning(*columns)
        self._names = [str(column.key) for column in columns]
        self._row: Callable[[Any], Row] = TypeAdapter(into).validator.validate_python
        self._compiled: CompiledByNames = {}

    async def one(self, **values: Any) -> Row:
        """Insert a row, and give it back as it is in the database.

        Raises:
            TypeError: a name is none of a column.
            DatabaseError: as from a session.
        """
        unit = unit_to_join()
        if isinstance(unit, AsyncSession):
            return await self._add(unit, values)
        if unit is not None or not get_engine().dialect.insert_returning:
            async with transaction() as session:
                return await self._add(session, values)
        [(names, rows)] = await run((self.statement, self._compiled, values))
        return self._row(dict(zip(names, rows[0], strict=True)))

    async def _add(self, session: AsyncSession, values: Mapping[str, Any]) -> Row:
        row = self.model(**values)
        session.add(row)
        await session.flush()
        return self._row({name: getattr(row, name) for name in self._names})


def read_by(into: type[Any], columns: Iterable[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    """Those of the columns that have a field of their name."""
    fields = get_type_hints(into)
    return [column for column in columns if column.key in fields]


async def run(
    *uses: tuple[AnySelect | Insert, CompiledByNames, Mapping[str, Any]],
) -> list[Fetched]:
    """Run statements on one connection of the pool."""
    pool, dialect = get_pool(), cast("Any", get_engine().dialect)
    try:
        pooled = await pool.take()
    except Exception as error:
        known = known_error(error, lost=False)
        if known is None or known is error:
            raise
        raise known from error
    try:
        connection = pooled.driver_connection
        fetched = [await run_on(connection, dialect, *use) for use in uses]
    except Exception as error:
        lost = dialect.is_disconnect(error, pooled.dbapi_connection, None)
        known = known_error(error, lost=lost)
        if isinstance(known, Unavailable):
            await greenlet_spawn(pooled.invalidate, error)
        else:
            await greenlet_spawn(pooled.close)
        if known is None or known is error:
            raise
        raise known from error
    except BaseException as error:  # cancelled, with an answer perhaps still on its way
        await greenlet_spawn(pooled.invalidate, error)
        raise
    await pool.give_back(pooled)
    return fetched


async def run_on(
    connection: Any,
    dialect: Dialect,
    statement: AnySelect | Insert,
    compiled_by_names: CompiledByNames,
    arguments: Mapping[str, Any],
) -> Fetched:
    names = frozenset(arguments)
    compiled = compiled_by_names.get(names)
    if compiled is None or compiled.dialect is not dialect:
        compiled = compiled_by_names[names] = CompiledStatement(statement, dialect, names)
    sql, values = compiled.bind(arguments)
    if not compiled.is_described:
        compiled.describe(await type_codes(connection, sql, len(compiled.names)))
    started = time.perf_counter()
    runner = fetch_written if isinstance(statement, Insert) else fetch
    rows = await runner(connection, sql, values)
    log_if_slow(sql, started)
    return compiled.names, compiled.convert(rows)
