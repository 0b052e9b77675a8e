"""Law 2: a statement gives the same rows, names and errors wherever it runs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import bindparam, delete, func, select

from my_service.core.db import Listing, prepare, prepare_insert, transaction
from my_service.core.db.session import everything_rolled_back

from .random_models import Shape, Values, filled, schema, tables
from .support import undone

pytestmark = pytest.mark.commits

# What no column of some kind takes.
WRONG: list[Any] = [None, "", "x" * 11, 2**63, b"\xff", [1], object]


async def outside(work: Any) -> Any:
    return await work()


async def inside(work: Any) -> Any:
    async with undone():
        return await work()


async def under_the_fixture(work: Any) -> Any:
    async with everything_rolled_back():
        return await work()


async def inside_under_the_fixture(work: Any) -> Any:
    async with everything_rolled_back(), undone():
        return await work()


PLACES = [outside, inside, under_the_fixture, inside_under_the_fixture]


async def outcome(place: Any, work: Any) -> str:
    """What it returned, with the classes of all values, or what it raised."""
    try:
        return described(await place(work))
    except Exception as error:
        if isinstance(error, AssertionError):
            raise
        return f"{type(error).__module__}.{type(error).__name__}"


def described(value: Any) -> str:
    return str([None if row is None else typed(row.__dict__) for row in listed(value)])


def listed(value: Any) -> list[Any]:
    return [value] if value is None or hasattr(value, "__dict__") else value


def typed(fields: Values) -> dict[str, tuple[str, str]]:
    return {name: (type(value).__name__, repr(value)) for name, value in fields.items()}


async def same_everywhere(work: Any, undo: Any) -> str:
    outcomes: list[str] = []
    for place in PLACES:
        outcomes.append(await outcome(place, work))
        await undo()
    assert set(outcomes) == {outcomes[0]}, list(zip(PLACES, outcomes, strict=True))
    return outcomes[0]


@given(given=filled(4), data=st.data())
async def test_an_insert_is_the_same_everywhere(
    isolated: None, given: tuple[Shape, list[Values]], data: st.DataObject
) -> None:
    shape, rows = given
    async with tables(shape) as [model]:
        if shape.inherits is not None:
            with pytest.raises(TypeError, match="inheritance"):
                prepare_insert(model, schema([*shape.fields]))
            return
        add: Any = prepare_insert(model, schema([*shape.fields]))

        async def clear() -> None:
            async with transaction() as session:
                await session.execute(delete(model))

        async def work() -> list[Any]:
            return [await add.one(**shape.given(row)) for row in rows]

        outcome = await same_everywhere(work, clear)
        assert outcome.startswith("["), outcome
        if rows:
            wrong = dict(data.draw(st.sampled_from(rows)))
            wrong[data.draw(st.sampled_from([*wrong, "unknown"]))] = data.draw(
                st.sampled_from(WRONG)
            )
            await same_everywhere(lambda: add.one(**wrong), clear)
            await same_everywhere(lambda: twice(add, rows[0]), clear)


async def twice(add: Any, row: Values) -> None:
    for _ in range(2):
        await add.one(**row)


@given(given=filled(4), data=st.data())
async def test_a_select_is_the_same_everywhere(
    isolated: None, given: tuple[Shape, list[Values]], data: st.DataObject
) -> None:
    shape, rows = given
    name = data.draw(st.sampled_from(sorted(shape.fields)))
    value = data.draw(shape.fields[name].values() | st.sampled_from(WRONG))
    values = data.draw(st.lists(shape.fields[name].values(), max_size=3))
    async with tables(shape) as [model]:
        async with transaction() as session:
            session.add_all([model(**row) for row in rows])
        column = getattr(model, name)
        keys = [getattr(model, key) for key in shape.keys]
        read = schema([*shape.fields])
        equal = prepare(select(model).where(column == bindparam("v")).order_by(*keys), read)
        among = prepare(
            select(model).where(column.in_(bindparam("v", expanding=True))).order_by(*keys), read
        )
        most = prepare(
            select(func.max(column).label("most"), func.count().label("n")), schema(["most", "n"])
        )
        listing = Listing(select(model), read, order_by=keys, sorts=[column])

        async def nothing() -> None:
            pass

        for work in (
            lambda: equal.all(v=value),
            lambda: equal.first(v=value),
            lambda: equal.one(v=value),
            lambda: among.all(v=values),
            lambda: listing.page(page=1, per_page=3, sort=f"-{name}"),
            lambda: listing.scroll(limit=2, sort=name),
            *([most.all] if shape.fields[name].kind not in ("flag", "ref") else []),
        ):
            await same_everywhere(work, nothing)
