"""Filters and searches of lists, and the statements that they cost."""

import re
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from httpx import AsyncClient
from sqlalchemy import select
from support import stored_post

from my_service.apps.blog.models import Post, PostStatus
from my_service.apps.users.models import User
from my_service.core.admin.prefix import starts_with
from my_service.core.auth.testing import make_user
from my_service.core.db import transaction


@pytest.fixture
async def author(root: AsyncClient) -> User:
    """The author of two posts; another user wrote a third one."""
    user: User = await make_user(email="ada@example.org", full_name="Ada")
    other: User = await make_user()
    early, late = (datetime(2026, month, 31, 12, tzinfo=UTC) for month in (1, 3))
    await stored_post(user, title="Alpha", slug="a-first", created_at=early)
    await stored_post(
        user, title="Beta", slug="a-second", status=PostStatus.PUBLISHED, created_at=late
    )
    await stored_post(other, title="Gamma", slug="b%_third", created_at=late)
    return user


async def found(root: AsyncClient, query: str) -> set[str]:
    """Return which of the posts a list shows."""
    page = await root.get(f"/admin/blog-post/list?{query}")
    assert page.status_code == 200, page.text
    return {title for title in ("Alpha", "Beta", "Gamma") if title in page.text}


FILTERS = {
    "status__eq=published": {"Beta"},
    "status__eq=draft AND author__eq={author}": {"Alpha"},
    "status__eq=published OR author__eq={author}": {"Alpha", "Beta"},
    "author__eq={author}": {"Alpha", "Beta"},
    "created_at__between=2026-01-31T12:00..2026-02-28T00:00": {"Alpha"},
    "created_at__gte=2026-01-31T12:00:01": {"Beta", "Gamma"},
    "created_at__lte=2026-01-31T12:00:00Z": {"Alpha"},
    "created_at__eq=2026-01-31T13:00:00+01:00": {"Alpha"},
}


@pytest.mark.parametrize("expression", FILTERS)
async def test_a_filter_finds_rows(root: AsyncClient, author: User, expression: str) -> None:
    filled = expression.replace("{author}", str(author.id))
    assert await found(root, f"filter={quote(filled)}") == FILTERS[expression]


WRONG = {
    "status__eq=nothing": "is not a value of &#39;status&#39;.",
    "author__eq=nobody": "is not a value of &#39;author&#39;.",
    "created_at__gte=2026-13-01": "is not a value of &#39;created_at&#39;.",
    "title__contains=x": "Invalid &#39;filter&#39; parameter",
    "body__eq=x": "Invalid &#39;filter&#39; parameter",
    "password_hash__eq=x": "Invalid &#39;filter&#39; parameter",
}


@pytest.mark.parametrize("expression", WRONG)
async def test_a_wrong_filter_is_refused(root: AsyncClient, expression: str) -> None:
    page = await root.get(f"/admin/blog-post/list?filter={quote(expression)}")
    assert page.status_code == 400, page.text
    assert WRONG[expression] in page.text


async def test_a_filter_by_the_beginning_of_text(root: AsyncClient, author: User) -> None:
    url = "/admin/users-user/list?filter="
    page = await root.get(f"{url}email__starts_with=ada%40ex")
    assert "of 1 entries" in page.text
    assert "ada@example.org" in page.text
    for text in ("%", "da@"):
        page = await root.get(f"{url}{quote(f'email__starts_with={text}')}")
        assert "of 0 entries" in page.text
    assert (await root.get(f"{url}email__starts_with=%00")).status_code == 400


async def test_a_search_compares_the_beginning(root: AsyncClient, author: User) -> None:
    assert await found(root, "q=a-") == {"Alpha", "Beta"}
    assert await found(root, "q=b%25_") == {"Gamma"}
    assert await found(root, "q=%25") == set()


async def test_a_search_uses_an_index(isolated: None) -> None:
    async with transaction() as session:
        session.add_all(User(email=f"user{number}@example.org") for number in range(400))
        await session.flush()
        connection = await session.connection()
        found = select(User.id).where(starts_with(User.email, "user39"))
        sql = str(found.compile(connection.sync_engine, compile_kwargs={"literal_binds": True}))
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        if connection.dialect.name == "postgresql":  # as docs/admin.md says
            await connection.exec_driver_sql("CREATE INDEX ON users (email text_pattern_ops)")
            await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        rows = await connection.exec_driver_sql(f"{explain} {sql}")
        plan = " ".join(str(cell) for row in rows for cell in row)
    assert re.search(r"SEARCH users USING .*INDEX|Index Cond: .*user39|range", plan), plan


@pytest.mark.parametrize("key", ["blog-post", "users-user", "blog-category"])
async def test_a_search_keeps_the_order_of_the_list(root: AsyncClient, key: str) -> None:
    """A browser sends the default order with a search, though it may be by a column not shown."""
    for order in ("id__asc", "created_at__desc"):
        page = await root.get(f"/admin/{key}/list?q=x&sort={order}")
        assert page.status_code == 200, page.text


async def test_columns_have_the_order_of_the_view(root: AsyncClient, author: User) -> None:
    page = (await root.get("/admin/blog-post/list")).text
    places = [page.index(f'data-column="{name}"') for name in ("title", "author", "status")]
    assert places == sorted(places)
    assert Post.__name__ in page
