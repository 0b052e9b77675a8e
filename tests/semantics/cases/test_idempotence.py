"""An upsert twice is an upsert once."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from my_service.apps.lab.models import Counter, Setting
from my_service.apps.lab.repository import CounterRepository, SettingRepository

from .strategies import texts
from .support import undone

NAMES = st.sampled_from(["a", "A", "a ", "b", "", "ß"])
COUNTERS = st.lists(
    st.fixed_dictionaries(
        {"name": NAMES, "value": st.integers(-9, 9), "note": st.none() | texts(40)}
    ),
    max_size=8,
)


@given(before=COUNTERS, rows=COUNTERS)
async def test_upserts_leave_the_last_of_each_key(
    isolated: None, before: list[dict[str, Any]], rows: list[dict[str, Any]]
) -> None:
    async with undone() as session:
        counters = CounterRepository(session)
        await counters.upsert_many(before, by=["name"])
        for _ in range(2):
            await counters.upsert_many(rows, by=["name"])
            session.expunge_all()
            found = {row.name: (row.value, row.note) for row in await counters.find()}
            last = {row["name"]: (row["value"], row["note"]) for row in [*before, *rows]}
            assert found == last


@given(rows=st.lists(st.tuples(NAMES, st.none() | texts(40)), max_size=5))
async def test_one_by_one_is_as_all_at_once(
    isolated: None, rows: list[tuple[str, str | None]]
) -> None:
    values = [{"name": name, "value": value} for name, value in rows]
    async with undone() as session:
        settings = SettingRepository(session)
        for row in values:
            upserted = await settings.upsert(row, by=["name"])
            assert (upserted.name, upserted.value) == (row["name"], row["value"])
        singly = [
            (row.name, row.value, row.version)
            for row in await settings.find(order_by=[Setting.name])
        ]
    async with undone() as session:
        settings = SettingRepository(session)
        await settings.upsert_many(values, by=["name"])
        at_once = [
            (row.name, row.value, row.version)
            for row in await settings.find(order_by=[Setting.name])
        ]
    assert singly == at_once
    assert sum(version for *_, version in singly) == len(rows)


@given(rows=COUNTERS)
async def test_chosen_columns_are_changed_and_no_others(
    isolated: None, rows: list[dict[str, Any]]
) -> None:
    async with undone() as session:
        counters = CounterRepository(session)
        await counters.upsert_many(rows, by=["name"], update=["note"])
        first = {row["name"]: row["value"] for row in reversed(rows)}
        found = await counters.find(order_by=[Counter.name])
        assert {row.name: row.value for row in found} == first
