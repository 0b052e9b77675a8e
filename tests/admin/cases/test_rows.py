"""Rows that are referred to, have several key columns, or conflict."""

import re
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import delete, select
from starlette.requests import Request
from support import audit, browser, csrf, stored_category, stored_post, submit

from my_service.apps.blog.admin import CategoryAdmin
from my_service.apps.blog.models import Category, Comment
from my_service.apps.ledger.models import Account
from my_service.apps.users.models import User
from my_service.core.admin import ModelAdmin, views
from my_service.core.auth import (
    Group,
    GroupMember,
    SecurityEvent,
    Token,
    TokenKind,
    UserPermission,
    issue,
)
from my_service.core.auth.testing import make_user
from my_service.core.db import transaction


async def test_a_row_with_a_key_of_several_columns(root: AsyncClient) -> None:
    user = await make_user()
    async with transaction() as session:
        session.add(group := Group(name="Editors, and more"))
        await session.flush()
        session.add(GroupMember(group_id=group.id, user_id=user.id))
    page = await root.get("/admin/auth-group-member/list")
    assert page.status_code == 200, page.text
    pk = f"{group.id},{user.id}"
    assert (await root.get(f"/admin/auth-group-member/detail?pk={pk}")).status_code == 200
    gone = await root.post(f"/admin/_api/auth-group-member/row-action?pk={pk}&name=delete")
    assert gone.status_code == 200, gone.text
    [entry] = await audit()
    assert (entry.action, entry.row_key) == ("delete", pk)


@pytest.mark.parametrize("calls", [0, 1, 2])
async def test_a_row_that_is_deleted_before_its_form_is_saved(
    root: AsyncClient, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    """Another request deletes it before the form is sent, or while it is checked."""
    row = await stored_category()
    if not calls:
        async with transaction() as session:
            await session.execute(delete(Category))
    left, find = [calls], CategoryAdmin.find_by_pk

    async def find_and_delete(view: CategoryAdmin, request: Request, pk: Any) -> Any:
        found = await find(view, request, pk)
        left[0] -= 1
        if not left[0]:
            options = {"synchronize_session": False}
            await request.state.session.execute(delete(Category), execution_options=options)
        return found

    monkeypatch.setattr(CategoryAdmin, "find_by_pk", find_and_delete)
    fields = {"name": "Arts", "slug": "arts", "_seen": "x"}
    answer = await root.post(f"/admin/blog-category/edit?pk={row.id}", data=fields)
    assert answer.status_code == 404, answer.text
    assert ("may have deleted it." if calls else "may have been deleted.") in answer.text


async def test_a_row_that_somebody_deleted_is_not_deleted_again(root: AsyncClient) -> None:
    row = await stored_category()
    url = f"/admin/_api/blog-category/row-action?pk={row.id}&name=delete"
    assert (await root.post(url)).status_code == 200
    again = await root.post(url)
    assert again.status_code == 400
    assert again.json() == {"msg": "No such row. Somebody may have deleted it."}
    assert len(await audit()) == 1


async def test_permissions_are_given(root: AsyncClient) -> None:
    user = await make_user()
    fields = {"user": str(user.id), "user_id": str(user.id), "permission": "blog.post.view"}
    answer = await submit(root, "/admin/auth-user-permission/create", **fields)
    assert answer.status_code == 303, answer.text
    again = await submit(root, "/admin/auth-user-permission/create", **fields)
    assert again.status_code == 422
    assert "A row with the same unique value already exists." in again.text


async def test_a_row_that_others_refer_to_is_not_deleted(root: AsyncClient) -> None:
    user = await make_user()
    async with transaction() as session:
        session.add(Account(owner_id=user.id, balance=0))
    answer = await root.post(f"/admin/_api/users-user/row-action?pk={user.id}&name=delete")
    assert answer.status_code == 400, answer.text
    assert await audit() == []


async def test_a_reference_is_changed_by_its_field(root: AsyncClient) -> None:
    first, second = await make_user(), await make_user()
    post = await stored_post(first)
    async with transaction() as session:
        session.add(comment := Comment(post_id=post.id, author_id=first.id, body="x"))
        await session.flush()
    url = f"/admin/blog-comment/edit?pk={comment.id}"
    fields = {"post": str(post.id), "author": str(second.id), "body": "y"}
    answer = await submit(root, url, **fields)
    assert answer.status_code == 303, answer.text
    [entry] = await audit()
    authors = [str(first.id), str(second.id)]
    assert entry.changes == {"author_id": authors, "body": ["x", "y"]}
    page = await root.get(f"/admin/blog-comment/detail?pk={comment.id}")
    assert "body: x → y" in page.text  # rather than the history of the author


async def test_a_deactivated_user_is_logged_out_and_it_is_recorded(root: AsyncClient) -> None:
    user = await make_user(full_name="Ada")
    await issue(user.id, TokenKind.SESSION, timedelta(hours=1))
    answer = await submit(root, f"/admin/users-user/edit?pk={user.id}", full_name="Ada")
    assert answer.status_code == 303, answer.text
    async with transaction(read_only=True) as session:
        assert not (await session.get_one(User, user.id)).is_active
        assert await session.scalar(select(Token.id).where(Token.user_id == user.id)) is None
        kinds = select(SecurityEvent.kind).where(SecurityEvent.user_id == user.id)
        assert "rights_changed" in [*await session.scalars(kinds)]


async def test_a_closed_account_leaves_no_address_in_the_log(
    root: AsyncClient, app: FastAPI
) -> None:
    user: User = await make_user(full_name="Ada", is_staff=True)
    async with transaction() as session:
        for action in ("add", "change"):
            permission = f"blog.category.{action}"
            session.add(UserPermission(user_id=user.id, permission=permission))
        session.add(UserPermission(user_id=user.id, permission="blog.category.view"))
    edit = f"/admin/users-user/edit?pk={user.id}"
    rights = {"is_active": "true", "is_staff": "true"}
    assert (await submit(root, edit, full_name="Grace", **rights)).status_code == 303
    async with browser(app, user) as client:
        await csrf(client)
        made = await submit(client, "/admin/blog-category/create", name="Arts", slug="arts")
        assert made.status_code == 303, made.text
        assert [entry.user_email for entry in await audit()][1] == user.email
        assert (await client.delete("/api/me")).status_code == 204
    about, by = await audit()
    assert about.changes == {}
    assert about.user_email.endswith("@example.org")
    assert by.changes["name"] == [None, "Arts"]
    assert by.user_email.endswith("@deleted.invalid")
    assert by.ip_address is None
    page = await root.get(f"/admin/blog-category/detail?pk={by.row_key}")
    assert user.email not in page.text
    assert "@deleted.invalid" in page.text


@pytest.mark.parametrize("number", [0, 1, 3])
async def test_a_list_counts_its_rows(root: AsyncClient, number: int) -> None:
    for each in range(number):
        await stored_category(slug=f"s{each}")
    page = await root.get("/admin/blog-category/list?q=s")
    assert f"of {number} entries" in page.text


async def test_a_page_beyond_what_is_counted_is_empty(root: AsyncClient) -> None:
    await stored_category()
    page = await root.get(f"/admin/blog-category/list?page={'9' * 30}")
    assert page.status_code == 200
    assert "news" not in page.text


async def test_a_lookup_without_a_limit_is_bounded(
    root: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_EXPORTED", 2)
    for each in range(4):
        await stored_category(slug=f"s{each}")
    answer = await root.get("/admin/_api/blog-category/relation-lookup?limit=0")
    assert len(answer.json()["items"]) == 2


async def test_more_rows_than_an_export_holds_are_refused(
    root: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_COUNTED", 10_001)
    assert views.MOST_COUNTED > views.MOST_EXPORTED
    for name in ("delete", "export"):
        answer = await root.post(f"/admin/_api/blog-category/action?all=1&name={name}")
        assert answer.status_code in (303, 400)


async def test_the_key_of_a_row_is_not_edited(root: AsyncClient) -> None:
    user, other = await make_user(), await make_user()
    async with transaction() as session:
        session.add(group := Group(name="Editors"))
        await session.flush()
        session.add(GroupMember(group_id=group.id, user_id=user.id))
    url = f"/admin/auth-group-member/edit?pk={group.id},{user.id}"
    answer = await submit(root, url, user_id=str(other.id), group_id=str(group.id))
    assert answer.status_code == 303, answer.text
    async with transaction(read_only=True) as session:
        assert [row.user_id for row in await session.scalars(select(GroupMember))] == [user.id]


class Misspelled(ModelAdmin):
    model = Comment
    search = ("author",)


class Sorted(ModelAdmin):
    model = Comment
    order = "-parent"


class Unknown(ModelAdmin):
    model = Comment
    columns = ("boddy",)


@pytest.mark.parametrize(
    ("view", "message"),
    [
        (
            Misspelled,
            "Misspelled.search lists 'author', which is not a text column of Comment. "
            "Use one of body.",
        ),
        (
            Sorted,
            "Sorted.order lists 'parent', which is not a column of Comment. "
            "Use one of author_id, body, created_at, id, post_id, updated_at.",
        ),
        (
            Unknown,
            "Unknown.columns lists 'boddy', which is not a field of Comment. "
            "Use one of author_id, body, created_at, id, parent, post_id, updated_at.",
        ),
    ],
)
def test_a_name_that_is_no_column_is_refused(view: type[ModelAdmin], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message) + "$"):
        view({Comment: "blog-comment"}, {})


async def test_text_that_is_too_long_is_refused_at_its_field(root: AsyncClient) -> None:
    """SQLite would store it in a key."""
    fields = {"user_id": str((await make_user()).id), "permission": "x" * 201}
    answer = await root.post("/admin/auth-user-permission/create", data=fields)
    assert answer.status_code == 422, answer.text
    assert "String should have at most 200 characters" in answer.text


async def test_a_row_with_a_large_number_in_a_document_is_deleted(root: AsyncClient) -> None:
    """PostgreSQL returns it as an integer, which no log of changes can hold."""
    post = await stored_post(await make_user(), meta={"a": 1e30})
    answer = await root.post(f"/admin/_api/blog-post/action?pks={post.id}&name=delete")
    assert answer.status_code == 200, answer.text
    [entry] = await audit()
    assert str(entry.changes["meta"][0]) in ("{'a': 1e+30}", f"{{'a': {10**30}}}")


async def test_a_long_document_with_a_large_number_is_cut_in_the_log(root: AsyncClient) -> None:
    post = await stored_post(await make_user(), meta={"a": 1e30, "b": "x" * 2_000})
    answer = await root.post(f"/admin/_api/blog-post/action?pks={post.id}&name=delete")
    assert answer.status_code == 200, answer.text
    [entry] = await audit()
    assert len(entry.changes["meta"][0]) == 1_001
    assert entry.changes["meta"][0][-2:] == "x…"


async def test_a_groups_name_has_no_blanks_around_it(root: AsyncClient) -> None:
    """The API removes them from the names that it gets."""
    answer = await root.post("/admin/auth-group/create", data={"name": " Editors "})
    assert answer.status_code == 303, answer.text
    answer = await root.post("/admin/auth-group/create", data={"name": "  "})
    assert answer.status_code == 422, answer.text
    assert "String should have at least 1 character" in answer.text
    async with transaction(read_only=True) as session:
        assert [*await session.scalars(select(Group.name))] == ["Editors"]


async def test_a_body_over_the_limit_is_refused(root: AsyncClient) -> None:
    answer = await root.post("/admin/blog-category/create", data={"name": "x" * 5_000_000})
    assert answer.status_code == 413, answer.text
