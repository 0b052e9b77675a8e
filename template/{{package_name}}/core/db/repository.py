# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What one reads from and writes to a table, so that an app's own repository holds only its own."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Insert,
    Select,
    Table,
    UnaryExpression,
    delete,
    exists,
    func,
    insert,
    inspect,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm.interfaces import ORMOption

from .base import Base
from .driver.upsert import upsert
from .errors import NotFound, StaleData
from .exact import utc_now
from .importing import import_rows
from .keyset import Keyset
from .mixins import SoftDelete
from .pagination import Page, Scroll, rows_before

ModelT = TypeVar("ModelT", bound=Base)
Where = ColumnElement[bool]
Order = InstrumentedAttribute[Any] | UnaryExpression[Any] | ColumnElement[Any]
Options = Sequence[ORMOption]


class Repository(Generic[ModelT]):
    """The rows of one model, within a unit of work.

    An app names the model, and adds what is particular to it:

        class UserRepository(Repository[User]):
            model = User

            async def by_email(self, email: str) -> User | None:
                return await self.find_one(email=email)

    Filters are SQLAlchemy's expressions, and keywords for equality: `find(User.id > 3,
    is_active=True)`. Relationships are loaded when `options=` says so, and never in secret. Rows
    that were deleted softly are left out, unless `include_deleted=True`. Each call costs one
    statement, unless its text says otherwise.
    """

    model: type[ModelT]

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    # Reading

    async def get(
        self, key: Any, *, options: Options = (), include_deleted: bool = False
    ) -> ModelT | None:
        """The row with this primary key; without a statement when the session has it already."""
        row = await self.session.get(
            self.model,
            key,
            options=options,
            execution_options={"include_deleted": include_deleted},
        )
        if isinstance(row, SoftDelete) and row.deleted_at is not None and not include_deleted:
            return None
        return row

    async def get_one(
        self, key: Any, *, options: Options = (), include_deleted: bool = False
    ) -> ModelT:
        """The row with this primary key.

        Raises:
            NotFound: there is none.
        """
        row = await self.get(key, options=options, include_deleted=include_deleted)
        if row is None:
            raise self._not_found(key)
        return row

    async def get_many(self, keys: Sequence[Any], *, options: Options = ()) -> list[ModelT]:
        """The rows with these primary keys, in the order of the keys; missing ones are left out."""
        rows = self._by_key(await self.find(self._key().in_(keys), options=options))
        return [rows[key] for key in keys if key in rows]

    async def find(
        self,
        *where: Where,
        order_by: Sequence[Order] = (),
        limit: int | None = None,
        offset: int | None = None,
        options: Options = (),
        include_deleted: bool = False,
        **equal: Any,
    ) -> Sequence[ModelT]:
        """All rows that meet the filters."""
        statement = self._select(where, equal, options, include_deleted)
        statement = statement.order_by(*order_by).limit(limit).offset(offset)
        return (await self.session.scalars(statement)).all()

    async def find_one(
        self, *where: Where, options: Options = (), include_deleted: bool = False, **equal: Any
    ) -> ModelT | None:
        """The one row that meets the filters.

        Raises:
            sqlalchemy.exc.MultipleResultsFound: there are several.
        """
        statement = self._select(where, equal, options, include_deleted).limit(2)
        return (await self.session.scalars(statement)).one_or_none()

    async def exists(self, *where: Where, **equal: Any) -> bool:
        """Whether a row meets the filters."""
        found = exists(self._select(where, equal).with_only_columns(self._key()))
        return bool(await self.session.scalar(select(found)))

    async def count(self, *where: Where, **equal: Any) -> int:
        """How many rows meet the filters."""
        counted = self._select(where, equal).with_only_columns(func.count(self._key()))
        return await self.session.scalar(counted) or 0

    async def page(
        self,
        *where: Where,
        page: int,
        per_page: int,
        order_by: Sequence[Order] = (),
        options: Options = (),
        **equal: Any,
    ) -> Page[ModelT]:
        """One page by its number, and how many rows there are in all: two statements.

        Args:
            where: filters, with `equal`.
            page: from 1.
            per_page: the most rows.
            order_by: made total by the key, so that no row is on two pages.
            options: such as eager loading.

        Raises:
            InvalidValue: no list is so long that it has this page.
        """
        rows = await self.find(
            *where,
            order_by=Keyset((*order_by, self._key())).order_by,
            limit=per_page,
            offset=rows_before(page, per_page),
            options=options,
            **equal,
        )
        return Page(rows, await self.count(*where, **equal), page, per_page)

    async def scroll(
        self,
        *where: Where,
        order_by: Sequence[Order],
        limit: int,
        cursor: str | None = None,
        options: Options = (),
        **equal: Any,
    ) -> Scroll[ModelT]:
        """The rows after a cursor: as fast at the end as at the start, and stable under inserts.

        Args:
            where: filters, with `equal`.
            order_by: columns in any mix of directions, NULLs last; made total by the key.
            limit: the most rows.
            cursor: of the call before, none for the first rows.
            options: such as eager loading.

        Raises:
            InvalidCursor: the cursor is not one of this order's.
        """
        keyset = Keyset((*order_by, self._key()))
        statement = self._select(where, equal, options).order_by(*keyset.order_by).limit(limit + 1)
        if cursor is not None:
            statement = statement.where(keyset.after(cursor))
        rows = (await self.session.scalars(statement)).all()
        items = rows[:limit]
        return Scroll(items, keyset.cursor(items[-1]) if len(rows) > limit else None)

    async def stream(
        self, *where: Where, order_by: Sequence[Order] = (), batch: int = 1000, **equal: Any
    ) -> AsyncGenerator[ModelT]:
        """All rows that meet the filters, `batch` of them in memory at a time.

        Who may leave the loop early has it in `async with aclosing(….stream()) as rows`: until
        the stream is closed, the connection is not free for other statements.
        """
        statement = self._select(where, equal).order_by(*order_by)
        rows = await self.session.stream_scalars(statement, execution_options={"yield_per": batch})
        try:
            async for row in rows:
                yield row
        finally:
            await rows.close()

    async def lock(
        self, *keys: Any, nowait: bool = False, skip_locked: bool = False
    ) -> list[ModelT]:
        """The rows with these keys as they are now, which nobody else changes until the commit.

        They are locked in the order of their keys, whatever order is asked for, so that two units
        of work that want the same rows wait for each other and do not deadlock. Where a database
        has but one lock, the unit of work holds it from its start.

        Args:
            keys: of the rows.
            nowait: do not wait for a row that is locked.
            skip_locked: leave out rows that are locked, and those that do not exist.

        Raises:
            NotFound: a row does not exist.
            LockTimeout: a row is locked, and `nowait` was asked for.
        """
        statement = (
            select(self.model)
            .where(self._key().in_(keys))
            .order_by(self._key())
            .with_for_update(nowait=nowait, skip_locked=skip_locked)
            .execution_options(populate_existing=True)
        )
        rows = self._by_key((await self.session.scalars(statement)).all())
        for key in () if skip_locked else keys:
            if key not in rows:
                raise self._not_found(key)
        return [rows[key] for key in keys if key in rows]

    # Writing

    async def add(self, row: ModelT) -> ModelT:
        """Insert a row; what the database refuses is raised here, not at the commit."""
        self.session.add(row)
        await self.session.flush()
        return row

    async def add_many(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert many rows, given by their attributes, without making objects of them.

        Rows that name the same attributes are one statement.
        """
        for _names, alike in groupby(rows, key=frozenset):
            await self.session.execute(
                insert(self._insertable()),
                [dict(row) for row in alike],
                execution_options={"render_nulls": True},  # else a None splits the ORM's statement
            )

    async def import_many(self, rows: Iterable[Mapping[str, Any]]) -> int:
        """Insert rows without number, in constant memory, or none; see `import_rows`."""
        return await import_rows(self.session, cast("Table", self.model.__table__), rows)

    async def update(self, row: ModelT, changes: Mapping[str, Any]) -> ModelT:
        """Set attributes of a loaded row and write them.

        A change of `version` is no change, but the version that the caller saw.

        Raises:
            StaleData: the row is at another version than the caller saw.
        """
        values = dict(changes)
        seen = values.pop("version", None)
        if seen is not None and seen != getattr(row, "version", seen):
            raise StaleData
        for name, value in values.items():
            setattr(row, name, value)
        await self.session.flush()
        return row

    async def update_where(self, *where: Where, values: Mapping[str, Any], **equal: Any) -> int:
        """Set columns of all rows that meet the filters; gives how many there were.

        A model with `Versioned` counts it as a change of each row.
        """
        statement = update(self.model).where(*where).filter_by(**equal).values(**values)
        version = inspect(self.model).version_id_col
        if version is not None and version.name not in values:
            statement = statement.values({version.name: version + 1})
        return await self._affected(statement)

    async def delete(self, row: ModelT, *, hard: bool = False) -> None:
        """Delete a row; where the model has `SoftDelete`, mark it, unless `hard`."""
        if isinstance(row, SoftDelete) and not hard:
            row.deleted_at = utc_now()
        else:
            await self.session.delete(row)
        await self.session.flush()

    async def delete_where(self, *where: Where, hard: bool = False, **equal: Any) -> int:
        """Delete all rows that meet the filters; gives how many there were."""
        if issubclass(self.model, SoftDelete) and not hard:
            return await self.update_where(*where, values={"deleted_at": utc_now()}, **equal)
        return await self._affected(delete(self.model).where(*where).filter_by(**equal))

    async def restore(self, row: ModelT) -> ModelT:
        """Take back a soft delete."""
        return await self.update(row, {"deleted_at": None})

    async def upsert(
        self, values: Mapping[str, Any], *, by: Sequence[str], update: Sequence[str] = ()
    ) -> ModelT:
        """Insert a row, or change the one that has the same unique values: one statement.

        A row that was deleted softly is there again. Where the database does not return rows, a
        second statement reads it.

        Args:
            values: of the row, by attribute.
            by: attributes of one unique constraint, or of the primary key.
            update: attributes that an existing row takes over; by default all values but those
                of `by`.
        """
        statement = self._upsert(values, by, update)
        fresh = {"populate_existing": True, "render_nulls": True}
        if self.session.get_bind().dialect.insert_returning:
            returning = statement.returning(self.model)
            rows = await self.session.scalars(returning, dict(values), execution_options=fresh)
        else:
            await self.session.execute(statement, dict(values), execution_options=fresh)
            found = self._select((), {name: values[name] for name in by})
            rows = await self.session.scalars(found, execution_options=fresh)
        return rows.one()

    async def upsert_many(
        self, rows: Sequence[Mapping[str, Any]], *, by: Sequence[str], update: Sequence[str] = ()
    ) -> None:
        """Upsert many rows, which all have the same attributes; see `upsert`."""
        if rows:
            statement = self._upsert(rows[0], by, update)
            await self.session.execute(
                statement, [dict(row) for row in rows], execution_options={"render_nulls": True}
            )

    # Helpers

    def _upsert(
        self, values: Mapping[str, Any], by: Sequence[str], update: Sequence[str]
    ) -> Insert:
        table = cast("Table", self.model.__table__)
        changes: dict[str, Any] = {name: None for name in update or values if name not in by}
        for column in table.columns:
            if column.onupdate is not None:
                changes.setdefault(column.name, None)
        if issubclass(self.model, SoftDelete):
            changes["deleted_at"] = null()
        version = inspect(self.model).version_id_col
        if version is not None:
            changes[version.name] = table.c[version.name] + literal_column("1")
        return upsert(self.model, table, by=by, update=changes)

    def _select(
        self,
        where: Sequence[Where],
        equal: Mapping[str, Any],
        options: Options = (),
        include_deleted: bool = False,
    ) -> Select[ModelT]:
        statement = select(self.model).where(*where).filter_by(**equal).options(*options)
        if include_deleted:
            statement = statement.execution_options(include_deleted=True)
        return statement

    def _by_key(self, rows: Sequence[ModelT]) -> dict[Any, ModelT]:
        name = self._key().key
        return {getattr(row, name): row for row in rows}

    def _not_found(self, key: Any) -> NotFound:
        return NotFound(f"There is no {self.model.__name__} with the key {key}.")

    async def _affected(self, statement: Any) -> int:
        result = await self.session.execute(statement)
        return cast("CursorResult[Any]", result).rowcount

    def _insertable(self) -> type[ModelT] | Table:
        """The table, which costs a fifth less than the model, where they are the same in all."""
        mapper, table = inspect(self.model), cast("Table", self.model.__table__)
        plain = mapper.polymorphic_on is None and [*mapper.tables] == [table]
        alike = all(name == column.key for name, column in mapper.columns.items())
        return table if plain and alike else self.model

    def _key(self) -> InstrumentedAttribute[Any]:
        mapper = inspect(self.model)
        column = mapper.get_property_by_column(mapper.primary_key[0])
        key: InstrumentedAttribute[Any] = getattr(self.model, column.key)
        return key
