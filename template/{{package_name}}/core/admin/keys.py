# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Finds rows by the text of their primary keys, whatever the columns' types are."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, false, select, tuple_
from sqlalchemy.orm import class_mapper, joinedload
from starlette.requests import Request
from starlette_admin.contrib.sqla import ModelView
from starlette_admin.fields import BaseField, RelationField
from starlette_admin.tools import iterdecode, iterencode

from .fields import Exact, field_of
from .filters import UNREADABLE, reader


class KeyedView(ModelView):
    """starlette-admin's view of a model; its own methods cannot read every key."""

    keys: list[Any]

    def __init__(self, model: type[Any], **options: Any) -> None:
        super().__init__(model, **options)
        names = str(self.pk_attr).split(",")
        self.keys = [getattr(model, name) for name in names]
        self._key_fields = [field_of(name, class_mapper(model).columns[name]) for name in names]
        self._readers = [reader(*pair) for pair in zip(self._key_fields, self.keys, strict=True)]

    def get_detail_query(self, request: Request) -> Select[Any]:
        return select(self.model).execution_options(include_deleted=True)

    async def get_pk_value(self, request: Request, obj: Any) -> Any:
        """Return the key of a row, as text that `parse_key` reads if it has several columns."""
        values = [written(field, getattr(obj, field.name)) for field in self._key_fields]
        return values[0] if len(values) == 1 else iterencode(map(str, values))

    async def find_by_pk(self, request: Request, pk: Any) -> Any:
        return next(iter(await self.find_by_pks(request, [pk])), None)

    async def find_by_pks(self, request: Request, pks: list[Any]) -> Sequence[Any]:
        """Return the rows with these keys. starlette-admin's method cannot read all of them."""
        some = self.get_detail_query(request).where(self.has_key(pks))
        for field in self.get_fields_list(request):
            if isinstance(field, RelationField):
                some = some.options(joinedload(getattr(self.model, field.name)))
        found: Sequence[Any] = (await request.state.session.scalars(some)).unique().all()
        return found

    def has_key(self, texts: Sequence[Any]) -> ColumnElement[bool]:
        """Compare the primary key with those that these texts name."""
        known = [key for text in texts if (key := self.parse_key(str(text))) is not None]
        if not known:
            return false()  # an empty IN beside a search would keep databases from its index
        if len(self.keys) > 1:
            return tuple_(*self.keys).in_(known)
        found: ColumnElement[bool] = self.keys[0].in_([value for (value,) in known])
        return found

    def parse_key(self, text: str) -> tuple[Any, ...] | None:
        """Return the values of a primary key; None if the text cannot be one."""
        parts = iterdecode(text) if len(self.keys) > 1 else (text,)
        try:
            pairs = zip(self._readers, parts, strict=True)
            return tuple(read(part) for read, part in pairs)
        except UNREADABLE:
            return None


def written(field: BaseField, value: Any) -> Any:
    """Return a value whose `str` can be read: Python's own of bytes and of durations cannot."""
    if isinstance(field, Exact) and isinstance(value, bytes | timedelta):
        return field.dump(value)
    return value
