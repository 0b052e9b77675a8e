"""Rows without number: the same rows as by insert, all or none."""

from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from my_service.apps.lab.models import Author, Book, Counter, Sample
from my_service.apps.lab.repository import (
    AuthorRepository,
    BookRepository,
    CounterRepository,
    SampleRepository,
)
from my_service.core.db import Duplicate, ForeignKeyViolated, InvalidValue, Required, transaction

from .strategies import VALUES
from .support import undone

pytestmark = pytest.mark.commits


@given(rows=st.lists(st.fixed_dictionaries(VALUES), max_size=4))
async def test_any_value_is_imported(isolated: None, rows: list[dict[str, Any]]) -> None:
    async with undone() as session:
        samples = SampleRepository(session)
        assert await samples.import_many(rows) == len(rows)
        found = await samples.find(order_by=[Sample.id])
        assert [{name: getattr(row, name) for name in VALUES} for row in found] == rows


async def test_what_a_row_lacks_has_its_default(isolated: None) -> None:
    async with undone() as session:
        ada = await AuthorRepository(session).add(Author(name="Ada"))
        books = BookRepository(session)
        rows = ({"title": f"{n:05}", "author_id": ada.id} for n in range(2_500))
        assert await books.import_many(rows) == 2_500
        assert await books.count() == 2_500
        (last,) = await books.find(title="02499")
        assert last.version == 1
        assert last.created_at == last.updated_at
        later = await books.add(Book(title="after", author_id=ada.id))
        assert later.id not in {row.id for row in await books.find(Book.title != "after")}


@pytest.mark.parametrize(
    ("last", "error"),
    [
        ({"name": "1", "value": 9}, Duplicate),
        ({"name": "new", "value": 2**40}, InvalidValue),
        ({"name": "new", "value": "many"}, InvalidValue),
        ({"name": None, "value": 9}, Required),
        ({"name": "new"}, ValueError),
    ],
)
async def test_a_wrong_row_leaves_none(
    isolated: None, last: dict[str, Any], error: type[Exception]
) -> None:
    def rows() -> Generator[dict[str, Any]]:
        yield from ({"name": f"{n}", "value": n} for n in range(1_500))
        yield last

    async with transaction() as session:
        counters = CounterRepository(session)
        await counters.add(Counter(name="first", value=1))
        with pytest.raises(error):
            await counters.import_many(rows())
        assert await counters.count() == 1
        await counters.add(Counter(name="next", value=1))
    async with transaction() as session:
        assert await CounterRepository(session).count() == 2
        await CounterRepository(session).delete_where()


async def test_a_row_that_refers_to_nothing_is_refused(isolated: None) -> None:
    async with undone() as session:
        ada = await AuthorRepository(session).add(Author(name="Ada"))
        nobody = type(ada.id)(int=7) if not isinstance(ada.id, int) else 7_000_000
        with pytest.raises(ForeignKeyViolated):
            await BookRepository(session).import_many([{"title": "x", "author_id": nobody}])


async def test_a_unit_that_only_reads_imports_nothing(isolated: None) -> None:
    async with transaction(read_only=True) as session:
        with pytest.raises(RuntimeError, match="read-only"):
            await CounterRepository(session).import_many([{"name": "a", "value": 1}])
