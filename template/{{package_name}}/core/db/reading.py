# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The reading half of a repository: rows by key, by filter, in pages, in a stream, under a lock."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import ColumnExpressionArgument, Select, and_, func, inspect, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm.interfaces import ORMOption

from .base import Base
from .errors import NotFound
from .keyset import Keyset, sort_key
from .mapping import key_values
from .mixins import SoftDelete
from .pagination import Page, Scroll, check_size, rows_before

ModelT = TypeVar("ModelT", bound=Base)
Where = ColumnExpressionArgument[bool]
Order = ColumnExpressionArgument[Any]
Options = Sequence[ORMOption]
Identity = tuple[Any, ...]

MOST_ARGUMENTS = 30_000  # drivers take at least 32,766 in one statement


class Reading(Generic[ModelT]):
    """The reading half of `Repository`.

    A key is the value of the primary key. A composite key is a tuple in the order of the model's
    columns, or a mapping by attribute.
    """

    model: type[ModelT]

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def get(
        self, key: Any, *, options: Options = (), include_deleted: bool = False
    ) -> ModelT | None:
        """Return the row with this key, or None. A row that the session holds costs no statement."""
        execution = {"include_deleted": include_deleted}
        row = await self.session.get(self.model, key, options=options, execution_options=execution)
        if isinstance(row, SoftDelete) and row.deleted_at is not None and not include_deleted:
            return None
        return row

    async def get_one(
        self, key: Any, *, options: Options = (), include_deleted: bool = False
    ) -> ModelT:
        """Return the row with this key.

        Raises:
            NotFound: no row has this key.
        """
        row = await self.get(key, options=options, include_deleted=include_deleted)
        if row is None:
            raise self._not_found(key)
        return row

    async def get_many(self, keys: Sequence[Any], *, options: Options = ()) -> list[ModelT]:
        """Return the rows with these keys, in the order of the keys, without those that are missing.

        More keys than a statement takes arguments (30,000) are read by several statements.
        """
        wanted = [key_values(inspect(self.model), key) for key in keys]
        size = MOST_ARGUMENTS // len(self._keys)
        rows: dict[Identity, ModelT] = {}
        for start in range(0, len(wanted), size):
            some = self._has_key(wanted[start : start + size])
            rows |= by_identity(await self.find(some, options=options))
        return [rows[identity] for identity in wanted if identity in rows]

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
        """Return all rows that match the filters."""
        statement = self._select(where, equal, options, include_deleted)
        statement = statement.order_by(*order_by).limit(limit).offset(offset)
        return (await self.session.scalars(statement)).unique().all()

    async def find_one(
        self, *where: Where, options: Options = (), include_deleted: bool = False, **equal: Any
    ) -> ModelT | None:
        """Return the only row that matches the filters, or None.

        Raises:
            sqlalchemy.exc.MultipleResultsFound: several rows match.
        """
        statement = self._select(where, equal, options, include_deleted).limit(2)
        return (await self.session.scalars(statement)).unique().one_or_none()

    async def exists(self, *where: Where, **equal: Any) -> bool:
        """Return whether a row matches the filters."""
        found = self._select(where, equal).with_only_columns(*self._keys)
        return bool(await self.session.scalar(select(found.exists())))

    async def count(self, *where: Where, **equal: Any) -> int:
        """Return how many rows match the filters."""
        counted = self._select(where, equal).with_only_columns(func.count(self._keys[0]))
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
        """Return one page by its number, and the total: two statements.

        Args:
            where: filters, with `equal`.
            page: its number, from 1.
            per_page: the most rows of a page.
            order_by: columns or expressions, NULLs last. The key breaks ties, so that no row is on
                two pages.
            options: such as eager loading.

        Raises:
            InvalidValue: `page` or `per_page` is less than 1, or too large for any database.
        """
        before, keyset = rows_before(page, per_page), self._keyset(order_by)
        statement = self._select(where, equal, options).order_by(*keyset.order_by)
        rows = await self.session.scalars(statement.limit(per_page).offset(before))
        return Page(rows.unique().all(), await self.count(*where, **equal), page, per_page)

    async def scroll(
        self,
        *where: Where,
        order_by: Sequence[Order],
        limit: int,
        cursor: str | None = None,
        options: Options = (),
        **equal: Any,
    ) -> Scroll[ModelT]:
        """Return the rows after a cursor: as fast at the end as at the start, stable under inserts.

        Args:
            where: filters, with `equal`.
            order_by: columns or expressions in any mix of directions, NULLs last. The key breaks
                ties.
            limit: the most rows.
            cursor: `next_cursor` of the previous call; None for the first rows.
            options: such as eager loading.

        Raises:
            InvalidCursor: the cursor belongs to another order.
            InvalidValue: `limit` is less than 1, or too large for any database.
            ValueError: `order_by` puts NULLs first.
        """
        check_size(limit)
        keyset = self._keyset(order_by)
        values = [key.column for key in keyset.keys]
        statement = self._select(where, equal, options).add_columns(*values)
        statement = statement.order_by(*keyset.order_by).limit(limit + 1)
        if cursor is not None:
            statement = statement.where(keyset.after(keyset.place(cursor)))
        rows = (await self.session.execute(statement)).unique().all()
        items = [row[0] for row in rows[:limit]]
        return Scroll(items, keyset.cursor(rows[limit - 1][1:]) if len(rows) > limit else None)

    async def stream(
        self,
        *where: Where,
        order_by: Sequence[Order] = (),
        batch: int = 1000,
        options: Options = (),
        **equal: Any,
    ) -> AsyncGenerator[ModelT]:
        """Yield all rows that match the filters, with `batch` of them in memory at a time.

        To leave the loop early, wrap the stream in `async with aclosing(….stream()) as rows`: an
        open stream occupies the connection. Some drivers cannot run another statement on it until
        it is closed; load in batches with `scroll` to write meanwhile.
        """
        statement = self._select(where, equal, options).order_by(*order_by)
        rows = await self.session.stream_scalars(statement, execution_options={"yield_per": batch})
        try:
            async for row in rows:
                yield row
        finally:
            await rows.close()

    async def lock(
        self, *keys: Any, nowait: bool = False, skip_locked: bool = False
    ) -> list[ModelT]:
        """Return the current rows with these keys, locked until the end of the transaction.

        Rows are locked in the order of their keys, so that two units of work that want the same
        rows wait for each other and do not deadlock. A database without row locks is
        locked as a whole from the start of the unit of work.

        Args:
            keys: of the rows.
            nowait: raise instead of waiting for a locked row.
            skip_locked: leave out locked rows, and missing ones.

        Raises:
            NotFound: a row does not exist.
            LockTimeout: a row is locked, and `nowait` is set.
        """
        wanted = [key_values(inspect(self.model), key) for key in keys]
        statement = (
            select(self.model)
            .where(self._has_key(wanted))
            .order_by(*self._keys)
            .with_for_update(nowait=nowait, skip_locked=skip_locked, of=self.model)
            .execution_options(populate_existing=True)
        )
        rows = by_identity((await self.session.scalars(statement)).unique().all())
        for key, identity in () if skip_locked else zip(keys, wanted, strict=True):
            if identity not in rows:
                raise self._not_found(key)
        return [rows[identity] for identity in wanted if identity in rows]

    # Helpers

    @property
    def _keys(self) -> list[InstrumentedAttribute[Any]]:
        """The attributes of the primary key."""
        columns = inspect(self.model).primary_key
        return [getattr(self.model, self._attribute(column)) for column in columns]

    def _attribute(self, column: Any) -> str:
        """The attribute that holds a column, under the same name or another."""
        name: str = inspect(self.model).get_property_by_column(column).key
        return name

    def _has_key(self, identities: Sequence[Identity]) -> Where:
        if len(self._keys) == 1:
            return self._keys[0].in_([value for (value,) in identities])
        if len(identities) == 1:  # as a tuple, one server would compare times as text
            return and_(*(key == value for key, value in zip(self._keys, *identities, strict=True)))
        return tuple_(*self._keys).in_(identities)

    def _keyset(self, order_by: Sequence[Order]) -> Keyset:
        tables = frozenset(inspect(self.model).tables)
        return Keyset([sort_key(column, never_null=tables) for column in (*order_by, *self._keys)])

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

    def _not_found(self, key: Any) -> NotFound:
        return NotFound(f"No {self.model.__name__} has the key {key}.")


def by_identity(rows: Sequence[ModelT]) -> dict[Identity, ModelT]:
    """Rows by the values of their primary keys."""
    return {cast("Identity", inspect(row).identity): row for row in rows}
