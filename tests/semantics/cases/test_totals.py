"""The total of a listing: of all its rows, whatever the select, the page and the filters."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Select, String, bindparam, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from my_service.apps.lab.models import Author, Book, Chapter
from my_service.apps.lab.repository import BookRepository
from my_service.core.db import Listing
from my_service.settings import Settings

from .library import fill
from .support import watched


@dataclass
class Titled:
    title: str


Other = aliased(Book)
same_author = exists().where(Other.author_id == Book.author_id, Other.id != Book.id)
with_parts = select(Chapter.book_id).distinct().cte("with_parts")
chapters = select(func.count()).where(Chapter.book_id == Book.id).scalar_subquery()

SELECTS: dict[str, Select[Any]] = {
    "a model": select(Book),
    "a column": select(Book.title),
    "a condition on another row of the table": select(Book.title).where(same_author),
    "a condition on a column computed for each row": select(Book.title).where(chapters > 0),
    "a CTE": select(Book.title).join(with_parts, with_parts.c.book_id == Book.id),
    "an alias": select(Other.title),
    "a subquery": select(select(Book.title).subquery().c.title),
    "groups": select(Author.name.label("title")).join(Book).group_by(Author.name),
    "DISTINCT": select(Author.name.label("title")).join(Book).distinct(),
    "a repeated argument": select(Book.title).where(
        Book.title.in_(bindparam("titles", expanding=True)) | (Book.title == "Alpha")
    ),
}
ARGUMENTS: dict[str, dict[str, Any]] = {"a repeated argument": {"titles": ["Beta", "Zeta"]}}


@pytest.mark.parametrize("together", [True, False], ids=["together", "apart"])
@pytest.mark.parametrize("name", SELECTS)
async def test_every_page_has_the_number_of_all_rows(
    session: AsyncSession, monkeypatch: pytest.MonkeyPatch, name: str, together: bool
) -> None:
    monkeypatch.setattr(Settings, "PAGE_WITH_TOTAL", together)
    await fill(session)
    books = BookRepository(session)
    await books.delete(*await books.find(title="Epsilon"))
    await session.flush()
    statement = SELECTS[name]
    title = statement.selected_columns.title
    listing = Listing(
        statement,
        Titled,
        order_by=[title],
        filters={"least": title >= bindparam("least", type_=String)},
    )
    arguments = ARGUMENTS.get(name, {})
    rows = [row.title for row in (await listing.scroll(limit=99, **arguments)).items]
    assert 1 < len(rows) < 6
    kept = rows[1:]
    for number in range(1, len(rows) + 3):
        with watched() as seen:
            page = await listing.page(page=number, per_page=1, **arguments)
        assert len(seen) == (1 if together and page.items else 2)
        assert ([row.title for row in page.items], page.total) == (
            rows[number - 1 : number],
            len(rows),
        )
        page = await listing.page(page=number, per_page=2, least=kept[0], **arguments)
        first = 2 * number - 2
        assert [row.title for row in page.items] == kept[first : first + 2]
        assert page.total == len(kept)
    none = await listing.page(page=2, per_page=2, least="~", **arguments)
    assert (none.items, none.total) == ([], 0)
