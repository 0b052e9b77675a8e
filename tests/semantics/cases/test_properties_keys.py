"""Law 5: rows of any key, of one column or of several, are found, changed and paged by all of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import inspect

from my_service.core.db import NotFound, transaction

from .random_models import Shape, Values, filled, repository, tables
from .support import undone

pytestmark = pytest.mark.commits


def values(shape: Shape, row: Any) -> Values:
    return {name: getattr(row, name) for name in shape.fields}


def in_parts(rows: list[Any], data: st.DataObject) -> list[Any]:
    return data.draw(st.lists(st.sampled_from(rows), unique_by=repr) if rows else st.just([]))


@given(given=filled(), data=st.data())
async def test_rows_are_found_by_their_keys(
    isolated: None, given: tuple[Shape, list[Values]], data: st.DataObject
) -> None:
    shape, rows = given
    wanted = in_parts(rows, data)
    async with tables(shape) as [model], undone() as session:
        found = repository(model)(session)
        await found.add_many([shape.given(row) for row in rows])
        keys = [shape.key(row) for row in wanted]
        single = [key[0] if len(key) == 1 else key for key in keys]
        assert [values(shape, row) for row in await found.get_many(single)] == wanted
        assert [values(shape, row) for row in await found.lock(*single)] == wanted
        for key, row in zip(single, wanted, strict=True):
            assert values(shape, await found.get_one(key)) == row
            assert await found.exists(**dict(zip(shape.keys, shape.key(row), strict=True)))
        assert await found.count() == len(rows)
        for row in wanted:
            await found.delete(await found.get_one(shape.key(row)))
        with_none = await found.get_many(single)
        assert with_none == []
        if single:
            with pytest.raises(NotFound):
                await found.lock(*single)
        assert await found.count() == len(rows) - len(wanted)


@given(given=filled(), data=st.data(), limit=st.integers(1, 4))
async def test_pages_and_scrolls_hold_each_row_once(
    isolated: None, given: tuple[Shape, list[Values]], data: st.DataObject, limit: int
) -> None:
    shape, rows = given
    order = data.draw(st.lists(st.sampled_from(sorted(shape.fields)), max_size=3, unique=True))
    downs = [data.draw(st.booleans()) for _ in order]
    async with tables(shape) as [model], undone() as session:
        found = repository(model)(session)
        await found.add_many(rows)
        columns = [getattr(model, name) for name in order]
        by = [
            column.desc() if down else column for column, down in zip(columns, downs, strict=True)
        ]
        walked: list[Any] = []
        cursor: str | None = None
        for _ in range(len(rows) + 1):
            part = await found.scroll(order_by=by, limit=limit, cursor=cursor)
            walked += part.items
            cursor = part.next_cursor
            if cursor is None:
                break
        keys = [inspect(row).identity for row in walked]
        assert len(keys) == len(rows)
        assert set(keys) == {shape.key(row) for row in rows}
        paged: list[Any] = []
        for number in range(1, len(rows) // limit + 2):
            page = await found.page(page=number, per_page=limit, order_by=by)
            paged += page.items
            assert page.total == len(rows)
        assert [inspect(row).identity for row in paged] == keys


@given(given=filled(), data=st.data())
async def test_an_upsert_changes_what_it_is_given_and_adds_what_is_missing(
    isolated: None, given: tuple[Shape, list[Values]], data: st.DataObject
) -> None:
    shape, rows = given
    again = st.sampled_from([shape.key(row) for row in rows]) if rows else st.nothing()
    more = [
        {**row, **dict(zip(shape.keys, data.draw(again | st.just(shape.key(row))), strict=True))}
        for row in data.draw(shape.rows(4))
    ]
    more = [shape.given(row) for row in {shape.key(row): row for row in more}.values()]
    by = [*shape.keys]
    how = data.draw(st.sampled_from(["upsert", "upsert_many", "add_missing"]))
    async with tables(shape) as [model]:
        async with undone() as session:
            found = repository(model)(session)
            await found.add_many(rows)
            expected = {shape.key(row): row for row in rows}
            for row in more:
                key = shape.key(row)
                if key not in expected:
                    expected[key] = {**shape.defaults(), **row}
                elif how != "add_missing":
                    expected[key] = {**expected[key], **row}
            if shape.inherits == "joined" and more:
                with pytest.raises(TypeError):
                    await found.upsert_many(more, by=by)
                return
            if how == "add_missing":
                await found.add_missing(more, by=by)
            elif how == "upsert_many":
                await found.upsert_many(more, by=by)
            else:
                for row in more:
                    stored = await found.upsert(row, by=by)
                    assert values(shape, stored) == expected[shape.key(row)]
            session.expire_all()
            left = {inspect(row).identity: values(shape, row) for row in await found.find()}
            assert left == expected
        async with transaction(read_only=True) as session:
            assert await repository(model)(session).count() == 0
