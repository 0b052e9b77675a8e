# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Lists for an answer: prepared statements with an order, filters, and pages or a cursor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, BindParameter, ColumnElement, bindparam, func

from .compiled import AnySelect
from .errors import InvalidValue
from .keyset import Keyset, sort_key
from .pagination import Page, Scroll, rows_before
from .prepared import Prepared, fetch_each, prepare

Row = TypeVar("Row")
Filters = Mapping[str, ColumnElement[bool]]


@dataclass
class Total:
    """How many rows there are."""

    total: int


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
        statement: what there is to list.
        into: what a row becomes, as for `prepare`.
        order_by: columns of the rows, each in its direction, NULLs last; the last one is unique.
        sorts: columns of the rows that they may be sorted by in place of `order_by`, each by its
            name, behind a "-" descending. Ties are told apart by the last of `order_by`.
        filters: conditions by the name of their argument. One whose argument is None is left out.
    """

    def __init__(
        self,
        statement: AnySelect,
        into: type[Row],
        *,
        order_by: Sequence[Any],
        sorts: Sequence[Any] = (),
        filters: Filters | None = None,
    ) -> None:
        self.keyset = Keyset(order_by)
        self._sorts = {key.name: key.column for key in map(sort_key, sorts)}
        self._sorted: dict[str, Listing[Row]] = {}
        self._statement = statement
        self._into = into
        self._filters = filters or {}
        self._parts: dict[Any, Prepared[Row]] = {}
        self._totals: dict[Any, Prepared[Total]] = {}

    @property
    def sorts(self) -> list[str]:
        """What `sort` may be: each name, as it is and behind a "-"."""
        return [sort for name in self._sorts for sort in (name, f"-{name}")]

    async def page(
        self, *, page: int, per_page: int, sort: str | None = None, **filters: Any
    ) -> Page[Row]:
        """One part by its number, and how many rows there are: two statements.

        Args:
            page: from 1.
            per_page: the most rows.
            sort: one of `sorts`; none for `order_by`.
            filters: arguments of the filters.

        Raises:
            InvalidValue: no list is so long that it has this page, or there is no such sort.
        """
        if sort is not None:
            return await self._by(sort).page(page=page, per_page=per_page, **filters)
        given = without_none(filters)
        names = tuple(given)
        if names not in self._totals:
            self._parts[names] = self._part(names, offset=bindparam("row_offset", type_=BigInteger))
            self._totals[names] = self._total(names)
        offset = rows_before(page, per_page)
        part, total = self._parts[names], self._totals[names]
        rows, counted = await fetch_each(
            (part, {"row_limit": per_page, "row_offset": offset, **given}), (total, given)
        )
        return Page(part.read(rows), total.read(counted)[0].total, page, per_page)

    async def scroll(
        self, *, limit: int, cursor: str | None = None, sort: str | None = None, **filters: Any
    ) -> Scroll[Row]:
        """The rows behind a place: one statement, as fast at the end as at the start.

        Args:
            limit: the most rows.
            cursor: `next_cursor` of the part before; none for the first.
            sort: one of `sorts`, the same for each part; none for `order_by`.
            filters: arguments of the filters.

        Raises:
            InvalidCursor: the cursor is none of this order's.
            InvalidValue: there is no such sort.
        """
        if sort is not None:
            return await self._by(sort).scroll(limit=limit, cursor=cursor, **filters)
        given = without_none(filters)
        names = tuple(given)
        place = {} if cursor is None else self.keyset.place(cursor)
        given |= without_none(place)
        shape = (names, tuple(place), tuple(given))
        if shape not in self._parts:
            binds: list[BindParameter[Any] | None] = [
                bindparam(name) if name in given else None for name in place
            ]
            self._parts[shape] = self._part(names, after=binds)
        rows = await self._parts[shape].all(row_limit=limit + 1, **given)
        items = rows[:limit]
        return Scroll(items, self.keyset.cursor(items[-1]) if len(rows) > limit else None)

    def _by(self, sort: str) -> "Listing[Row]":
        """The same rows in another order, made at its first use."""
        if sort not in self._sorted:
            if sort not in self.sorts:
                known = ", ".join(self.sorts) or "none"
                raise InvalidValue(f"There is no such sort; there are {known}.")
            column, tie = self._sorts[sort.removeprefix("-")], self.keyset.keys[-1].column
            order_by = [column.desc(), tie.desc()] if sort.startswith("-") else [column, tie]
            listing = Listing(self._statement, self._into, order_by=order_by, filters=self._filters)
            listing.keyset = Keyset(order_by, name=sort)
            self._sorted[sort] = listing
        return self._sorted[sort]

    def _part(
        self,
        names: Sequence[str],
        *,
        offset: BindParameter[int] | None = None,
        after: Sequence[BindParameter[Any] | None] = (),
    ) -> Prepared[Row]:
        statement = self._filtered(names).order_by(*self.keyset.order_by)
        statement = statement.limit(bindparam("row_limit", type_=BigInteger)).offset(offset)
        if after:
            statement = statement.where(self.keyset.after_values(after))
        return prepare(statement, self._into)

    def _total(self, names: Sequence[str]) -> Prepared[Total]:
        counted = func.count().label("total")
        statement = self._filtered(names).with_only_columns(counted, maintain_column_froms=True)
        return prepare(statement, Total)

    def _filtered(self, names: Sequence[str]) -> AnySelect:
        return self._statement.where(*(self._filters[name] for name in names))


def without_none(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that say something, in the order of their names."""
    return {name: arguments[name] for name in sorted(arguments) if arguments[name] is not None}
