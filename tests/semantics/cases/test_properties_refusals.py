"""Law 4: a statement that cannot work is refused when it is prepared; any other works."""

from dataclasses import field, make_dataclass
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from sqlalchemy import func, inspect, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import aliased

from my_service.apps.lab.models import Author, Book, Dog, Event, Horse, Link, Seat
from my_service.core.db import Listing, prepare

from .support import undone

pytestmark = pytest.mark.commits

Other = aliased(Author)

COLUMNS: dict[str, Any] = {
    "book.id": Book.id,
    "book.title": Book.title,
    "author": Author,
    "author.id": Author.id,
    "author.name": Author.name,
    "other": Other,
    "other.name": Other.name,
    "book": Book,
    "seat": Seat,
    "seat.row": Seat.row,
    "link": Link,
    "event.at": Event.at,
    "length": func.length(Book.title),
}
MAIN: dict[str, Any] = {
    "author": Author,
    "book": Book,
    "dog": Dog,
    "horse": Horse,
    "seat": Seat,
}
FROM: dict[str, Any] = {
    "author": Author,
    "book": Book,
    "seat": Seat,
    "length": Book,
    "other": Other,
    "link": Link,
    "event": Event,
}
KEYS: dict[str, list[Any]] = {
    "author": [Author.id],
    "book": [Book.title, Book.id],
    "dog": [Dog.id],
    "horse": [Horse.height, Horse.id],
    "seat": [Seat.row, Seat.letter],
}
LABELS = st.none() | st.sampled_from(["name", "id", "n"])
FIELDS = ["id", "name", "title", "row", "letter", "n", "tricks", "height", "deleted_at"]


@st.composite
def selects(draw: st.DrawFn) -> list[tuple[str, str | None]]:
    """The names of columns and entities, each with the label that it gets; an entity first."""
    names = draw(st.lists(st.sampled_from(sorted(COLUMNS)), max_size=2, unique=True))
    others = [(name, draw(LABELS) if name.count(".") else None) for name in names]
    return [(draw(st.sampled_from(sorted(KEYS))), None), *others]


def selected(columns: list[tuple[str, str | None]]) -> Any:
    """A select of these columns, of each pair of rows."""
    known = {**COLUMNS, **MAIN}
    parts = [known[name] if label is None else known[name].label(label) for name, label in columns]
    statement = select(*parts)
    main, joined = columns[0][0], {FROM[name.partition(".")[0]] for name, _ in columns[1:]}
    for entity in joined - {MAIN[main]}:
        statement = statement.join_from(MAIN[main], entity, always(KEYS[main][0], entity))
    return statement


def always(column: Any, entity: Any) -> Any:
    """A condition that is true for each pair of rows, and reads both."""
    other = getattr(entity, inspect(entity).mapper.column_attrs.keys()[0])
    return column.is_not(None) == other.is_not(None)


def schema(fields: dict[str, bool]) -> type[Any]:
    """A dataclass with these fields; those that are True have a default."""
    required = [(name, Any) for name, optional in fields.items() if not optional]
    others = [(name, Any, field(default=None)) for name, optional in fields.items() if optional]
    return make_dataclass("Read", [*required, *others])


@given(
    columns=selects(),
    fields=st.dictionaries(st.sampled_from(FIELDS), st.booleans(), min_size=1),
    limit=st.integers(1, 3),
)
async def test_what_is_prepared_runs(
    isolated: None,
    columns: list[tuple[str, str | None]],
    fields: dict[str, bool],
    limit: int,
) -> None:
    read = schema(fields)
    try:
        statement = selected(columns)
        prepared = prepare(statement, read)
        by = KEYS[columns[0][0]]
        listing = Listing(statement, read, order_by=by, sorts=by)
    except (TypeError, ValueError, InvalidRequestError):
        return
    event("works")
    async with undone() as session:
        authors = [Author(name="Ada"), Author(name="Bob")]
        session.add_all([Book(title=author.name, author=author) for author in authors])
        session.add_all([Dog(name="Rex"), Horse(name="Max", height=2), Seat(row=1, letter="a")])
        await session.flush()
        rows = await prepared.all()
        page = await listing.page(page=1, per_page=99)
        assert page.total == len(rows)
        for sort in (None, *listing.sorts):
            assert await walked(listing, limit, sort) in (len(rows), "equal")


async def walked(listing: Listing[Any], limit: int, sort: str | None) -> int | str:
    """The number of rows of a scroll, or "equal" if it cannot tell them apart."""
    found, cursor = 0, None
    while True:
        try:
            part = await listing.scroll(limit=limit, cursor=cursor, sort=sort)
        except ValueError:
            return "equal"
        found, cursor = found + len(part.items), part.next_cursor
        if cursor is None:
            return found
