# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Prepared writes: one row is inserted, changed or deleted, at the driver's speed.

    change_post = prepare_update(Post, PostRead, Post.author_id == bindparam("author"))

    post = await change_post.one(key, {"title": "News"}, author=user)

Outside a unit of work each is committed at once. Inside one it is part of it.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Delete,
    Table,
    Update,
    bindparam,
    delete,
    insert,
    inspect,
    literal_column,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.sql.visitors import iterate

from .base import Base
from .compiled import Query
from .engine import get_engine
from .errors import NotFound, StaleData
from .exact import utc_now
from .mapping import columns_of, key_values, refuse_skipped_hooks
from .mixins import SoftDelete
from .prepared import Reader, Row, Rows, on_connection, run, run_in, run_on
from .session import NOT_DELETED, transaction_of_one, unit_to_join

Where = ColumnElement[bool]
Values = Mapping[str, Any]
SEEN = "seen_version"


def prepare_insert(model: type[Base], into: type[Row]) -> "PreparedInsert[Row]":
    """Prepare the insert of one row.

    Args:
        model: its defaults apply to columns without a value.
        into: a schema or dataclass that the row becomes, as for `prepare`.

    Raises:
        TypeError: the model has hooks, validators or inheritance, which a prepared write skips;
            or a required field of `into` has no column.
    """
    return PreparedInsert(model, into)


def prepare_update(model: type[Base], into: type[Row], *where: Where) -> "PreparedUpdate[Row]":
    """Prepare the update of one row by its key.

    Each use sets the columns that it names, and those with `onupdate=`. The version of a
    `Versioned` model counts up. A soft-deleted row is not found.

    Args:
        model: of the row.
        into: a schema or dataclass that the row becomes, as for `prepare`.
        where: further conditions, such as `Post.author_id == bindparam("author")`.

    Raises:
        TypeError: as `prepare_insert`; or an argument has the name of a column.
    """
    return PreparedUpdate(model, into, where)


def prepare_delete(model: type[Base], *where: Where, hard: bool = False) -> "PreparedDelete":
    """Prepare the deletion of one row by its key; a `SoftDelete` model marks it, unless `hard`.

    Only foreign keys (`ondelete=`) act on rows that refer to it: cascades of relationships are not
    run.

    Args:
        model: of the row.
        where: further conditions, as for `prepare_update`.
        hard: delete the row of a `SoftDelete` model.

    Raises:
        TypeError: as `prepare_update`.
    """
    return PreparedDelete(model, where, hard=hard)


class PreparedInsert(Reader[Row]):
    """A prepared insert of one row; see `prepare_insert`."""

    def __init__(self, model: type[Base], into: type[Row]) -> None:
        refuse_skipped_hooks(model, "insert")
        columns = columns_of(into, model)
        super().__init__(into, list(columns))
        self._keys = column_keys(model)
        self._insert = insert(cast("Table", model.__table__))
        self._query = Query(self._insert.returning(*columns.values()))
        self._reread = select(*columns.values()).where(*has_key(model))

    async def one(self, **values: Any) -> Row:
        """Insert a row and return it as the database has stored it.

        Raises:
            TypeError: the model has no such attribute.
            OutcomeUnknown: the connection was lost; the row may or may not exist.
            DatabaseError: as from a session.
        """
        by_column, unit = by_column_key(values, self._keys), unit_to_join()
        if isinstance(unit, AsyncSession):
            row = await self._insert_in(unit, by_column)
        elif unit is None and get_engine().dialect.insert_returning:
            [[row]] = await run((self._query, by_column))
        else:
            async with transaction_of_one() as session:
                row = await self._insert_in(session, by_column)
        return self.read_one(row)

    async def _insert_in(self, session: AsyncSession, values: Values) -> Sequence[Any]:
        await session.flush()  # rows that this one refers to
        connection = await session.connection()
        if connection.dialect.insert_returning:
            return (await session.execute(self._query.statement, values)).one()
        inserted: Any = await session.execute(self._insert, values)
        key = key_arguments(inserted.inserted_primary_key)
        return (await session.execute(self._reread, key)).one()


class PreparedUpdate(Reader[Row]):
    """A prepared update of one row; see `prepare_update`."""

    def __init__(self, model: type[Base], into: type[Row], where: Sequence[Where]) -> None:
        refuse_skipped_hooks(model, "update")
        columns = columns_of(into, model)
        super().__init__(into, list(columns))
        self._target = OneRow(model, columns, where)

    async def one(self, key: Any, changes: Values, **arguments: Any) -> Row:
        """Change a row and return it as the database has stored it.

        Args:
            key: as for `Repository.get`.
            changes: values by attribute; without any, the row is only read. The `version` of a
                `Versioned` model is not written: it is the version that the caller saw.
            arguments: of the conditions.

        Raises:
            NotFound: no row has this key and meets the conditions.
            StaleData: the row has another version.
            TypeError: the model has no such attribute, or it is part of the primary key.
            DatabaseError: as from a session.
        """
        values = dict(changes)
        seen = values.pop(self._target.version, None) if self._target.version else None
        return self.read_one(await self._target.write(key, values, seen, arguments))


class PreparedDelete:
    """A prepared deletion of one row; see `prepare_delete`."""

    def __init__(self, model: type[Base], where: Sequence[Where], *, hard: bool) -> None:
        self._marks = issubclass(model, SoftDelete) and not hard
        refuse_skipped_hooks(model, "update" if self._marks else "delete")
        self._target = OneRow(model, {}, where)

    async def one(self, key: Any, *, version: Any = None, **arguments: Any) -> None:
        """Delete a row.

        Args:
            key: as for `Repository.get`.
            version: of a `Versioned` model, as the caller saw it; None deletes any.
            arguments: of the conditions.

        Raises:
            NotFound, StaleData, DatabaseError: as `PreparedUpdate.one`.
        """
        values = {"deleted_at": utc_now()} if self._marks else None
        await self._target.write(key, values, version, arguments)


class OneRow:
    """The row with a key, if it meets the conditions, and the statements that write it."""

    def __init__(
        self, model: type[Base], columns: Mapping[str, Any], where: Sequence[Where]
    ) -> None:
        self._mapper = mapper = inspect(model)
        self._columns = list(columns.values())
        self._keys = column_keys(model)
        self._where = [*has_key(model), *where]
        self._key_names = list(key_arguments(mapper.primary_key))
        refuse_names(where, {*self._keys.values(), *self._key_names, SEEN})
        named = (name for name, column in mapper.columns.items() if column is mapper.version_id_col)
        self.version = next(named, None)
        read: list[Any] = [getattr(model, name) for name in columns]
        read.append(getattr(model, self.version) if self.version else literal_column("0"))
        found = select(*read).select_from(model).where(*self._where)
        self._found = Query(found.options(NOT_DELETED))
        self._reread = Query(select(*self._columns).where(*has_key(model))) if columns else None
        self._queries: dict[Any, Query] = {}

    async def write(
        self, key: Any, values: Values | None, seen: Any, arguments: Values
    ) -> Sequence[Any]:
        """Set these values, or delete the row if they are None, and return its columns."""
        found = {**key_arguments(key_values(self._mapper, key)), **arguments}
        if values is None or values:
            version = {} if seen is None else {SEEN: seen}
            rows = await self._run(
                values, {**found, **by_column_key(values or {}, self._keys), **version}
            )
            if rows:
                return rows[0]
        [rows] = await run((self._found, found))
        if not rows:
            raise NotFound
        *row, version = rows[0]
        if values != {} or seen not in (None, version):
            raise StaleData
        return row

    async def _run(self, values: Values | None, arguments: Values) -> Rows:
        unit = unit_to_join()
        if unit is None:
            return await on_connection(partial(self._run_on, values, arguments))
        if isinstance(unit, AsyncSession):
            return await self._run_in(unit, values, arguments)
        async with transaction_of_one() as session:
            return await self._run_in(session, values, arguments)

    async def _run_on(
        self, values: Values | None, arguments: Values, pooled: PoolProxiedConnection
    ) -> Rows:
        query, reread = self._query(values, arguments), self._reread
        if query.returns or reread is None:
            return await run_on(pooled, query, arguments)
        then = partial(run_on, pooled, reread, self._key_of(arguments))
        return await run_on(pooled, query, arguments, then=then)

    async def _run_in(
        self, session: AsyncSession, values: Values | None, arguments: Values
    ) -> Rows:
        await session.flush()
        await session.connection()  # before it the dialect does not know the server
        query, key = self._query(values, arguments), self._key_of(arguments)
        query.compiled(get_engine().dialect, arguments)  # refuses missing and unknown arguments
        result: Any = await session.execute(
            query.statement, dict(arguments), execution_options={"synchronize_session": False}
        )
        rows: Rows = result.all() if query.returns else [()] * result.rowcount
        identity = self._mapper.identity_key_from_primary_key(tuple(key.values()))
        loaded = session.sync_session.identity_map.get(identity)
        if rows and loaded is not None and values is None:
            session.expunge(loaded)
        elif rows and loaded is not None:
            await session.refresh(loaded)
        if rows and not query.returns and self._reread is not None:
            return await run_in(session, self._reread, key)
        return rows

    def _key_of(self, arguments: Values) -> dict[str, Any]:
        return {name: arguments[name] for name in self._key_names}

    def _query(self, values: Values | None, arguments: Values) -> Query:
        """The statement that writes these columns, with RETURNING where the database has it."""
        dialect, mapper = get_engine().dialect, self._mapper
        returns = dialect.delete_returning if values is None else dialect.update_returning
        shape = (None if values is None else frozenset(values), SEEN in arguments, returns)
        if shape in self._queries:
            return self._queries[shape]
        if values is None:
            statement: Update | Delete = delete(mapper.class_)
        else:
            columns = [mapper.columns[name] for name in values]
            new: dict[Any, Any] = {c: bindparam(c.key, type_=c.type) for c in columns}
            for column in mapper.primary_key:
                if column in new:
                    raise TypeError(f"{column} is part of the key, which an update keeps")
            if mapper.version_id_col is not None:
                new[mapper.version_id_col] = mapper.version_id_col + literal_column("1")
            statement = update(mapper.class_).values(new)
        statement = statement.where(*self._where).options(NOT_DELETED)
        if SEEN in arguments and mapper.version_id_col is not None:
            statement = statement.where(mapper.version_id_col == bindparam(SEEN))
        if returns:
            statement = statement.returning(*(self._columns or mapper.primary_key))
        query = self._queries[shape] = Query(statement)
        return query


def by_column_key(values: Values, keys: Mapping[str, str]) -> dict[str, Any]:
    """Values by the keys of their columns, from values by attribute."""
    for name in values.keys() - keys.keys():
        raise TypeError(f"unknown argument {name!r}: not a column of the model")
    return {keys[name]: value for name, value in values.items()}


def column_keys(model: type[Base]) -> dict[str, str]:
    return {name: str(column.key) for name, column in inspect(model).columns.items()}


def has_key(model: type[Base]) -> list[Where]:
    columns = inspect(model).primary_key
    return [c == bindparam(name) for c, name in zip(columns, key_arguments(columns), strict=True)]


def key_arguments(values: Sequence[Any]) -> dict[str, Any]:
    return {f"key_{n}": value for n, value in enumerate(values)}


def refuse_names(where: Sequence[Where], taken: Collection[str]) -> None:
    """Raise TypeError if an argument of a condition has one of these names."""
    for part in (part for condition in where for part in iterate(condition)):
        if isinstance(part, BindParameter) and part.key in taken:
            raise TypeError(
                f"the argument {part.key!r} of a condition has the name of a column: "
                "give it another name"
            )
