# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Lists for an answer: prepared statements with an order, filters, and pages or a cursor."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, BindParameter, ColumnElement, bindparam, func, select

from ...settings import settings
from .compiled import AnySelect, Query, arguments_of
from .errors import InvalidValue
from .keyset import Keyset
from .mapping import selected, with_columns
from .ordering import check_unique, computes, only_read, row_keys, row_sources, ties
from .pagination import Page, Scroll, check_size, rows_before
from .prepared import Prepared, columns_and_nesting, run, run_one, with_nested
from .session import NOT_DELETED

Row = TypeVar("Row")
Values = Sequence[Any]


class Listing(Generic[Row]):
    """The rows of a select, a part at a time.

        users = Listing(
            select(User),
            UserRead,
            order_by=[User.id],
            sorts=[User.username, User.created_at],
            filters={"is_active": User.is_active == bindparam("is_active")},
        )

        page = await users.page(page=1, per_page=50, sort="-username", is_active=True)

    Args:
        statement: the rows to list, without order or limit. Each call gives its arguments.
        into: what a row becomes, as for `prepare`.
        order_by: columns of the rows, each in its direction, NULLs last. Together they tell any two
            rows apart: usually the last one is the primary key.
        sorts: columns of the rows that callers may sort by instead, each by its name, descending
            with a "-" before it. `order_by` breaks ties.
        filters: conditions by the name of their argument. One whose argument is None is left out;
            None for an argument of the select is NULL.

    Raises:
        ValueError: the select has an order or a limit, a column of `order_by` or `sorts` is not
            among the rows, or `order_by` cannot tell rows apart because a column may be NULL.
    """

    def __init__(
        self,
        statement: AnySelect,
        into: type[Row],
        *,
        order_by: Sequence[Any],
        sorts: Sequence[Any] = (),
        filters: Mapping[str, ColumnElement[bool]] | None = None,
    ) -> None:
        columns, self.nesting = columns_and_nesting(into, statement)
        self._statement = only_read(statement, columns)
        self.into = into
        self._computes = computes(self._statement)
        self.keyset = Keyset(row_keys(self._statement, order_by))
        check_unique(self._statement, self.keyset.keys)
        self._sorts = {key.name: key for key in row_keys(self._statement, sorts)}
        self._sorted: dict[str, Listing[Row]] = {}
        self._filters = filters or {}
        nested: set[str] = self.nesting.fields.arguments if self.nesting else set()
        self._arguments = (arguments_of([self._statement]) | nested) - self._filters.keys()
        # The total has no columns, and so not the arguments of columns alone.
        self._of_columns = self._arguments - arguments_of(row_sources(self._statement))
        if self._computes:
            self._of_columns.clear()
        self._parts: dict[Any, Prepared[Row]] = {}
        self._totals: dict[Any, Query] = {}

    @property
    def sorts(self) -> list[str]:
        """The values of `sort`: each name, as it is and after a "-"."""
        return [sort for name in self._sorts for sort in (name, f"-{name}")]

    async def page(
        self, *, page: int, per_page: int, sort: str | None = None, **filters: Any
    ) -> Page[Row]:
        """Return one page by its number, and the total: one statement with PAGE_WITH_TOTAL, or two.

        Args:
            page: its number, from 1.
            per_page: the most rows of a page.
            sort: one of `sorts`; None for `order_by`.
            filters: arguments of the filters and of the select.

        Raises:
            InvalidValue: `page` or `per_page` is less than 1 or too large for any database, or
                `sort` is unknown.
        """
        part, found = await self.fetch_page(page=page, per_page=per_page, sort=sort, **filters)
        return Page(part.read(found.items), found.total, page, per_page)

    async def fetch_page(
        self, *, page: int, per_page: int, sort: str | None = None, **filters: Any
    ) -> tuple[Prepared[Row], Page[Values]]:
        """A page of rows as they were fetched, and the statement that can read them."""
        before = rows_before(page, per_page)
        part, rows, total = await self.fetch_from(before, per_page, sort, filters)
        return part, Page(rows, total, page, per_page)

    async def fetch_from(
        self, offset: int, limit: int, sort: str | None, filters: Mapping[str, Any]
    ) -> tuple[Prepared[Row], Sequence[Values], int]:
        """The rows after `offset` others, the statement that can read them, and the total.

        The total is the last column of each row, or is read by a second statement.
        """
        if sort is not None:
            return await self._by(sort).fetch_from(offset, limit, None, filters)
        given = self._given(filters)
        names = tuple(given)
        if names not in self._parts:
            self._parts[names] = self._part(names, offset=bindparam("@offset", type_=BigInteger))
        part, arguments = self._parts[names], {"@limit": limit, "@offset": offset, **given}
        if settings.PAGE_WITH_TOTAL:
            rows = counted = await run_one(part.query, arguments)
            if offset and not rows:  # after the last row: the first one has the total
                counted = await run_one(part.query, {**arguments, "@limit": 1, "@offset": 0})
            total: int = counted[0][-1] if counted else 0
        else:
            if names not in self._totals:
                self._totals[names] = Query(self._total(names).options(NOT_DELETED))
            query = self._totals[names]
            counting = {name: given[name] for name in names if name not in self._of_columns}
            rows, [[total]] = await run((part.query, arguments), (query, counting))
        return part, await part.complete(rows), total

    async def scroll(
        self, *, limit: int, cursor: str | None = None, sort: str | None = None, **filters: Any
    ) -> Scroll[Row]:
        """Return the rows after a cursor: one statement, as fast at the end as at the start.

        Args:
            limit: the most rows.
            cursor: `next_cursor` of the previous part; None for the first.
            sort: one of `sorts`, the same for each part; None for `order_by`.
            filters: arguments of the filters.

        Raises:
            InvalidCursor: the cursor belongs to another order.
            InvalidValue: `limit` is less than 1 or too large for any database, or `sort` is
                unknown.
            ValueError: the order cannot tell two rows apart, so that one would be lost.
        """
        part, found = await self.fetch_scroll(limit=limit, cursor=cursor, sort=sort, **filters)
        return Scroll(part.read(found.items), found.next_cursor)

    async def fetch_scroll(
        self, *, limit: int, cursor: str | None = None, sort: str | None = None, **filters: Any
    ) -> tuple[Prepared[Row], Scroll[Values]]:
        """A part of rows as they were fetched, and the statement that can read them."""
        check_size(limit)
        if sort is not None:
            return await self._by(sort).fetch_scroll(limit=limit, cursor=cursor, **filters)
        given = self._given(filters)
        names = tuple(given)
        place = [] if cursor is None else self.keyset.read(cursor)
        binds = [None if v is None else f"@after_{n}" for n, v in enumerate(place)]
        given |= {name: v for name, v in zip(binds, place, strict=True) if name is not None}
        shape = (names, *binds)
        if shape not in self._parts:
            self._parts[shape] = self._part(names, after=binds)
        part = self._parts[shape]
        rows = await run_one(part.query, {"@limit": limit + 1, **given})
        if len(rows) <= limit:
            return part, Scroll(await part.complete(rows), None)
        places = [part.selected.index(key.name) for key in self.keyset.keys]
        last, following = ([row[place] for place in places] for row in rows[limit - 1 :])
        if last == following:
            equal = ", ".join(key.name for key in self.keyset.keys)
            raise ValueError(f"two rows are equal in {equal}: add a unique column to the order")
        return part, Scroll(await part.complete(rows[:limit]), self.keyset.cursor(last))

    def _by(self, sort: str) -> "Listing[Row]":
        """The same rows in another order, made at its first use."""
        if sort not in self._sorted:
            if sort not in self.sorts:
                known = ", ".join(self.sorts) or "none"
                raise InvalidValue(f"Unknown sort. Known sorts: {known}.")
            first, descending = self._sorts[sort.removeprefix("-")], sort.startswith("-")
            keys = [replace(key, descending=descending) for key in (first, *ties(self.keyset.keys))]
            self._sorted[sort] = listing = copy(self)
            listing.keyset, listing._parts = Keyset(keys, name=sort), {}
        return self._sorted[sort]

    def _part(
        self,
        names: Sequence[str],
        *,
        offset: BindParameter[int] | None = None,
        after: Sequence[str | None] = (),
    ) -> Prepared[Row]:
        statement, keyset = self._filtered(names), self.keyset
        if self._computes:
            rows = statement.subquery()
            statement, keyset = select(rows), keyset.over(rows.c)
        statement = statement.order_by(*keyset.order_by)
        statement = statement.limit(bindparam("@limit", type_=BigInteger)).offset(offset)
        if after:
            values: list[BindParameter[Any] | None]
            values = [None if name is None else bindparam(name) for name in after]
            statement = statement.where(keyset.after(values))
        columns = dict(selected(statement, ()))
        statement, nested = with_nested(statement, columns, self.nesting)
        if offset is not None and settings.PAGE_WITH_TOTAL:
            statement = statement.add_columns(self._total(names).correlate(None).scalar_subquery())
        return Prepared(statement.options(NOT_DELETED), self.into, list(columns), part=nested)

    def _total(self, names: Sequence[str]) -> AnySelect:
        statement = self._filtered(names)
        if self._computes:
            return select(func.count()).select_from(statement.subquery())
        return with_columns(statement, [func.count()])

    def _filtered(self, names: Sequence[str]) -> AnySelect:
        return self._statement.where(*(self._filters[n] for n in names if n in self._filters))

    def _given(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of the select, and those of filters with a value, by name."""
        kept = sorted(n for n, v in arguments.items() if v is not None or n in self._arguments)
        return {name: arguments[name] for name in kept}
