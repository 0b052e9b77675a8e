"""Any value comes back as it went in, through a session and through a prepared statement."""

from dataclasses import make_dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import bindparam, select

from my_service.apps.lab.models import Sample
from my_service.apps.lab.repository import SampleRepository
from my_service.core.db import prepare, prepare_insert, prepare_update, transaction

from .strategies import VALUES
from .support import undone

pytestmark = pytest.mark.commits

SampleRead: type[Any] = make_dataclass(
    "SampleRead", [("id", Any), *((name, Any) for name in VALUES)]
)
BY_KEY = prepare(select(Sample).where(Sample.id == bindparam("id")), SampleRead)
ADD = prepare_insert(Sample, SampleRead)
CHANGE = prepare_update(Sample, SampleRead)


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal, and of one class, all the way down."""
    classes: set[type] = {type(one), type(other)}
    if classes == {dict}:
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if classes == {list}:
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) and isinstance(one, type(other))


ROWS = st.lists(st.fixed_dictionaries(VALUES), min_size=1, max_size=4)


@given(rows=ROWS)
async def test_a_value_comes_back(isolated: None, rows: list[dict[str, Any]]) -> None:
    async with transaction() as session:
        written = [Sample(**values) for values in rows]
        session.add_all(written)
    for values, row in zip(rows, written, strict=True):
        async with transaction(read_only=True) as session:
            through_session = await SampleRepository(session).get_one(row.id)
        prepared = await BY_KEY.one(id=row.id)
        for name, value in values.items():
            assert same(getattr(through_session, name), value), name
            assert same(getattr(prepared, name), value), name


@given(values=st.fixed_dictionaries(VALUES))
async def test_a_prepared_insert_gives_its_row_back(isolated: None, values: dict[str, Any]) -> None:
    added = await ADD.one(**values)
    again = await BY_KEY.one(id=added.id)
    for name, value in values.items():
        assert same(getattr(added, name), value), name
        assert same(getattr(again, name), value), name


@given(values=st.fixed_dictionaries(VALUES))
async def test_a_prepared_update_gives_its_row_back(isolated: None, values: dict[str, Any]) -> None:
    key = (await ADD.one()).id
    changed = await CHANGE.one(key, values)
    again = await BY_KEY.one(id=key)
    for name, value in values.items():
        assert same(getattr(changed, name), value), name
        assert same(getattr(again, name), value), name


@given(rows=ROWS)
async def test_rows_in_bulk_come_back(isolated: None, rows: list[dict[str, Any]]) -> None:
    async with undone() as session:
        samples = SampleRepository(session)
        await samples.add_many(rows)
        session.expunge_all()
        found = await samples.find(order_by=[Sample.id])
        assert [{name: getattr(row, name) for name in VALUES} for row in found] == rows
        keys = [{"id": row.id, **values} for row, values in zip(found, reversed(rows), strict=True)]
        session.expunge_all()
        await samples.upsert_many(keys, by=["id"])
        found = await samples.find(order_by=[Sample.id])
        assert [{name: getattr(row, name) for name in VALUES} for row in found] == rows[::-1]
