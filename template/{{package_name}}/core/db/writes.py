# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Prepared inserts and upserts, and how prepared writes run.

Outside a unit of work each is committed at once. Inside one it is part of it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, cast

from sqlalchemy import ColumnElement, Insert, Table, bindparam, insert, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.sql.schema import CallableColumnDefault

from .base import Base
from .compiled import NewRow, Query
from .engine import get_engine, note_write
from .errors import Conflict
from .mapping import refuse_skipped_hooks
from .mixins import SoftDelete
from .prepared import Row, Rows, Written, on_connection, run_in, run_on, run_one
from .repository import alike, changes_of, upsert_of
from .session import committing, open_unit, unit_to_join

Where = ColumnElement[bool]
Values = Mapping[str, Any]
Kind = Literal["insert", "update", "delete"]


class PreparedInsert(Written[Row]):
    """The insert of one row, or of several.

    Args:
        model: its defaults apply to columns without a value.
        into: a schema or dataclass that the row becomes, as for `prepare`.

    Raises:
        TypeError: the model has hooks, validators or inheritance, which a prepared write skips;
            or a required field of `into` has no column.
    """

    def __init__(self, model: type[Base], into: type[Row]) -> None:
        refuse_skipped_hooks(model, "insert")
        super().__init__(into, model)
        self._keys = column_keys(model)
        self._primary_key = {str(column.key): column for column in inspect(model).primary_key}
        self._insert = insert(cast("Table", model.__table__))
        self._writer = Writer(
            model, "insert", self.columns, lambda shape: self._insert, by=with_key(model)
        )

    async def one(self, **values: Any) -> Row:
        """Insert a row and return it as the database has stored it.

        Raises:
            TypeError: the model has no such attribute.
            OutcomeUnknown: the connection was lost; the row may or may not exist.
            DatabaseError: as from a session.
        """
        given = self._with_key(by_column_key(values, self._keys))
        return await self.answer(lambda: self._writer.run(None, given, self._key_of(given)))

    async def many(self, rows: Iterable[Values]) -> list[Row]:
        """Insert rows, given by their attributes, all or none; return them in the same order.

        Consecutive rows with the same attributes are one statement, if the database returns rows.
        """
        given = [self._with_key(by_column_key(values, self._keys)) for values in rows]
        inserted: list[Row] = []
        async with open_unit() as session:
            for some in alike(given):
                found = await self._writer.insert_all(session, some, self._key_of)
                inserted += self.read(await self.complete(found))
        return inserted

    def _with_key(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values, with a key if Python makes it, by which the row can be read again."""
        for name, column in self._primary_key.items():
            if name not in values and isinstance(column.default, CallableColumnDefault):
                make: Any = column.default.arg
                values[name] = make(NewRow(values))
        return values

    def _key_of(self, values: Values) -> dict[str, Any]:
        return key_arguments([values.get(name) for name in self._primary_key])


class PreparedUpsert(Written[Row]):
    """The insert of a row, or a change of the one with the same unique values.

    As `Repository.upsert`: the version of a `Versioned` model counts up, columns with `onupdate=`
    are set, and a soft-deleted row is restored.

    Args:
        model: of the row.
        into: a schema or dataclass that the row becomes, as for `prepare`.
        by: attributes of one unique constraint, or of the primary key.
        update: attributes to set in an existing row; by default all that a call gives but `by`.

    Raises:
        TypeError: as `prepare_insert`; or the model has no such attribute.
    """

    def __init__(
        self, model: type[Base], into: type[Row], *, by: Sequence[str], update: Sequence[str] = ()
    ) -> None:
        refuse_skipped_hooks(model, "insert")
        refuse_skipped_hooks(model, "update")
        super().__init__(into, model)
        self._model, self._by, self._update = model, by, update
        self._keys = column_keys(model)
        by_column_key(dict.fromkeys((*by, *update)), self._keys)  # refuses unknown names
        same = [getattr(model, name) == bindparam(self._keys[name]) for name in by]
        returned = [*self.columns, *inspect(model).primary_key]
        columns = inspect(model).columns.values()
        self._made = [c for c in columns if c.onupdate is not None and c.onupdate.is_callable]
        self._writer = Writer(model, "insert", returned, self._upsert, by=same)

    async def one(self, **values: Any) -> Row:
        """Insert or change a row and return it as the database has stored it.

        Raises:
            TypeError: the model has no such attribute, or one of `by` is missing.
            ValueError: the database could take another row for the one that is meant.
            OutcomeUnknown: the connection was lost; the row may or may not be written.
            DatabaseError: as from a session.
        """
        given = by_column_key(values, self._keys)
        if missing := [name for name in self._by if name not in values]:
            raise TypeError(f"missing argument {missing[0]!r}: the upsert finds the row by it")
        key = {self._keys[name]: values[name] for name in self._by}
        given |= self._made_of(values)
        return await self.answer(lambda: self._write(frozenset(values), given, key))

    async def _write(self, names: frozenset[str], given: Values, key: Values) -> Rows:
        rows = await self._writer.run(names, given, key)
        if not rows:  # an existing row that nothing had to change
            rows = await run_one(self._writer.reread, key)
        if not rows:
            raise Conflict  # it was deleted meanwhile
        if isinstance(unit := unit_to_join(), AsyncSession):
            await self._writer.refresh(unit, rows[0][len(self.columns) :])
        return rows

    def _made_of(self, values: Values) -> dict[str, Any]:
        """What the functions of `onupdate=` make for an existing row that gets these values."""
        names = [name for name in self._update or values if name not in self._by]
        new = {self._keys[name]: values.get(name) for name in names}
        if not new and not issubclass(self._model, SoftDelete):
            return {}  # an existing row is left alone
        made: Any = [column for column in self._made if column.key not in new]
        return {f"onupdate_of_{column.key}": column.onupdate.arg(NewRow(new)) for column in made}

    def _upsert(self, names: frozenset[str]) -> Insert:
        values = dict.fromkeys(sorted(names))
        changes = changes_of(self._model, values, self._by, self._update)
        for column in self._made:
            name = inspect(self._model).get_property_by_column(column).key
            if changes.get(name) is not None:
                changes[name] = bindparam(f"onupdate_of_{column.key}", type_=column.type)
        return upsert_of(self._model, values, self._by, changes, into=self._model.__table__)


prepare_insert = PreparedInsert
prepare_upsert = PreparedUpsert


class Writer:
    """The statements of one prepared write, each for a shape that `make` makes it from.

    Where the database returns no columns, the conditions in `by` find the written row.
    """

    def __init__(
        self,
        model: type[Base],
        kind: Kind,
        columns: Iterable[Any],
        make: Callable[[Any], Any],
        by: Sequence[Where] = (),
    ) -> None:
        self._mapper = inspect(model)
        self._kind = kind
        self._columns = list(columns)
        self._make = make
        self.reread = Query(select(*self._columns).where(*by))
        self._rereads = bool(by)
        self._queries: dict[Any, Query] = {}

    async def run(self, shape: Any, arguments: Values, key: Values) -> Rows:
        """Run a statement, and return the rows that it has written; `key` is arguments of `by`."""
        if unit_to_join() is None:
            note_write()
            with committing():
                return await on_connection(partial(self._run_on, shape, arguments, key))
        async with open_unit() as session:
            return await self._run_in(session, shape, arguments, key)

    async def insert_all(
        self, session: AsyncSession, rows: Sequence[Values], key_of: Callable[[Values], Values]
    ) -> Rows:
        """Insert rows of the same columns, in one statement if the database returns them."""
        await session.connection()  # before it the dialect does not know the server
        if self._query(None).returns:
            return await self._run_in(session, None, rows, {})
        return [(await self._run_in(session, None, row, key_of(row)))[0] for row in rows]

    async def _run_on(
        self, shape: Any, arguments: Values, key: Values, pooled: PoolProxiedConnection
    ) -> Rows:
        query = self._query(shape)

        async def read_again(rows: Rows) -> Rows:
            return await run_on(pooled, self.reread, completed(key, rows))

        again = read_again if self._rereads and not query.returns else None
        return await run_on(pooled, query, arguments, then=again)

    async def _run_in(
        self, session: AsyncSession, shape: Any, arguments: Values | Sequence[Values], key: Values
    ) -> Rows:
        await session.flush()
        await session.connection()
        query = self._query(shape)
        names = arguments if isinstance(arguments, Mapping) else arguments[0]
        query.compiled(get_engine().dialect, names)  # refuses missing and unknown arguments
        result: Any = await session.execute(
            query.statement, arguments, execution_options={"synchronize_session": False}
        )
        rows: Rows = result.all() if query.returns else [(result.lastrowid,)] * result.rowcount
        if rows and self._rereads and not query.returns:
            rows = await run_in(session, self.reread, completed(key, rows))
        if rows and self._kind != "insert":
            await self.refresh(session, key.values())
        return rows

    async def refresh(self, session: AsyncSession, key: Iterable[Any]) -> None:
        """Give a loaded object of this key what was written, or detach it if it was deleted."""
        identity = self._mapper.identity_key_from_primary_key(tuple(key))
        loaded = session.sync_session.identity_map.get(identity)
        if loaded is not None and self._kind == "delete":
            session.expunge(loaded)
        elif loaded is not None:
            await session.refresh(loaded)

    def _query(self, shape: Any) -> Query:
        """The statement of a shape, with RETURNING where the database has it.

        Of a deletion only the number of rows is wanted. Where an update returns no rows, the
        driver counts them, at less cost.
        """
        kind = "insert" if self._kind == "insert" else "update"
        returns = getattr(get_engine().dialect, f"{kind}_returning")
        if (shape, returns) not in self._queries:
            statement = self._make(shape)
            if returns:
                in_order = {"sort_by_parameter_order": True} if self._kind == "insert" else {}
                statement = statement.returning(*self._columns, **in_order)
            self._queries[shape, returns] = Query(statement)
        return self._queries[shape, returns]


def completed(key: Values, written: Rows) -> dict[str, Any]:
    """A row's key, with the value that the database has generated for it."""
    return {name: written[0][0] if value is None else value for name, value in key.items()}


def by_column_key(values: Values, keys: Mapping[str, str]) -> dict[str, Any]:
    """Values by the keys of their columns, from values by attribute."""
    for name in values.keys() - keys.keys():
        raise TypeError(f"unknown argument {name!r}: not a column of the model")
    return {keys[name]: value for name, value in values.items()}


def column_keys(model: type[Base]) -> dict[str, str]:
    return {name: str(column.key) for name, column in inspect(model).columns.items()}


def with_key(model: type[Base]) -> list[Where]:
    columns = inspect(model).primary_key
    return [c == bindparam(name) for c, name in zip(columns, key_arguments(columns), strict=True)]


def key_arguments(values: Sequence[Any]) -> dict[str, Any]:
    return {f"key_{n}": value for n, value in enumerate(values)}
