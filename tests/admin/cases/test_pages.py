"""What staff do in the admin."""

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from support import audit, browser, hidden, staff, stored_category, submit

from my_service.apps.blog.models import Category
from my_service.core.db import on_statement, transaction

LISTS = [
    "blog-category",
    "blog-comment",
    "blog-post",
    "ledger-account",
    "ledger-transfer",
    "users-user",
    "auth-group",
    "auth-group-member",
    "auth-group-permission",
    "auth-user-permission",
    "auth-security-event",
    "auth-token",
    "admin-audit-entry",
    "jobs-job-worker",
    "jobs-queued-job",
]


async def read(key: object) -> Category:
    async with transaction(read_only=True) as session:
        row = await session.get(Category, key)
        assert row is not None
        return row


@pytest.mark.parametrize("key", LISTS)
async def test_every_list_is_shown(root: AsyncClient, key: str) -> None:
    page = await root.get(f"/admin/{key}/list")
    assert page.status_code == 200, page.text


async def test_the_start_page_is_shown(root: AsyncClient) -> None:
    page = await root.get("/admin", follow_redirects=True)
    assert page.status_code == 200, page.text


async def test_a_row_is_created_changed_and_deleted(root: AsyncClient) -> None:
    made = await submit(root, "/admin/blog-category/create", name="Arts", slug="arts")
    assert made.status_code == 303, made.text
    [entry] = await audit()
    assert (entry.action, entry.model) == ("add", "blog.category")
    key = entry.row_key
    changed = await submit(root, f"/admin/blog-category/edit?pk={key}", name="Art", slug="arts")
    assert changed.status_code == 303, changed.text
    assert (await audit())[1].changes == {"name": ["Arts", "Art"]}
    shown = await root.get(f"/admin/blog-category/detail?pk={key}")
    assert "name: Arts → Art" in shown.text
    gone = await root.post(f"/admin/_api/blog-category/row-action?pk={key}&name=delete")
    assert gone.status_code == 200, gone.text
    assert [each.action for each in await audit()] == ["add", "change", "delete"]


async def test_a_stale_edit_is_refused_and_shows_what_changed(root: AsyncClient) -> None:
    row = await stored_category()
    url = f"/admin/blog-category/edit?pk={row.id}"
    seen = hidden((await root.get(url)).text, "_seen")
    assert (await submit(root, url, name="First", slug="news")).status_code == 303
    late = await root.post(url, data={"_seen": seen, "name": "Second", "slug": "news"})
    assert late.status_code == 422
    assert "Changed meanwhile to First." in late.text
    assert (await read(row.id)).name == "First"
    again = {"_seen": hidden(late.text, "_seen"), "name": "Second", "slug": "news"}
    assert (await root.post(url, data=again)).status_code == 303
    assert (await read(row.id)).name == "Second"


async def test_a_duplicate_is_shown_at_its_field(root: AsyncClient) -> None:
    await stored_category()
    page = await submit(root, "/admin/blog-category/create", name="Other", slug="news")
    assert page.status_code == 422
    assert "A row with the same unique value already exists." in page.text
    assert await audit() == []


async def test_a_list_costs_four_statements(isolated: None, app: FastAPI) -> None:
    """Of the session, the permissions, the page and the bounded count."""
    for each in range(30):
        await stored_category(slug=f"s{each}")
    seen: list[str] = []
    async with browser(app, await staff("blog.category.view")) as client:
        remove = on_statement(lambda statement: seen.append(statement.sql))
        try:
            page = await client.get("/admin/blog-category/list")
        finally:
            remove()
    assert page.status_code == 200
    statements = [sql for sql in seen if sql.lstrip().upper().startswith("SELECT")]
    assert len(statements) == 4, statements
    assert all("LIMIT" in sql.upper() for sql in statements[2:])
