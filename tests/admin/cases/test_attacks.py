"""Attacks on every route of the admin."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from support import (
    ELSEWHERE,
    Form,
    audit,
    browser,
    csrf,
    hidden,
    staff,
    stored_category,
    stored_post,
    submit,
    superuser,
)

from my_service.apps.blog.models import Category, Post
from my_service.apps.users.models import User
from my_service.core.admin import visitor
from my_service.core.auth.testing import make_user
from my_service.core.db import Key, transaction, utc_now

KEY = "blog-category"
NOBODY = "00000000-0000-7000-8000-000000000000"
READING = [
    "/admin/",
    f"/admin/{KEY}/list",
    f"/admin/{KEY}/detail?pk={{pk}}",
    f"/admin/{KEY}/create",
    f"/admin/{KEY}/edit?pk={{pk}}",
    f"/admin/_api/{KEY}/relation-lookup?q=a",
    f"/admin/_api/{KEY}/inline-edit?pk={{pk}}&field=name",
    f"/admin/_api/{KEY}/inline-edit/row?pk={{pk}}",
]
WRITING = [
    f"/admin/{KEY}/create",
    f"/admin/{KEY}/edit?pk={{pk}}",
    f"/admin/_api/{KEY}/row-action?pk={{pk}}&name=delete",
    f"/admin/_api/{KEY}/row-action?pk={{pk}}&name=purge",
    f"/admin/_api/{KEY}/row-action?pk={{pk}}&name=restore",
    f"/admin/_api/{KEY}/action?pks={{pk}}&name=delete",
    f"/admin/_api/{KEY}/action?pks={{pk}}&name=export",
    f"/admin/_api/{KEY}/action?pks={{pk}}&name=restore",
    f"/admin/_api/{KEY}/action?pks={{pk}}&name=purge",
    f"/admin/_api/{KEY}/action?all=1&name=delete",
    f"/admin/_api/{KEY}/import",
    f"/admin/_api/{KEY}/inline-edit?pk={{pk}}&field=name",
]
FORM = {"name": "Hacked", "slug": "hacked"}
ALL = [f"blog.category.{action}" for action in ("view", "add", "change", "delete")]


async def attack(client: AsyncClient, url: str, method: str, pk: object) -> Response:
    url = url.format(pk=pk)
    return await (client.get(url) if method == "GET" else client.post(url, data=FORM))


async def unchanged(pk: Key) -> bool:
    async with transaction(read_only=True) as session:
        row = await session.get(Category, pk)
        return row is not None and row.name == "News" and await audit() == []


ROUTES = [*(("GET", url) for url in READING), *(("POST", url) for url in WRITING)]


@pytest.mark.parametrize(("method", "url"), ROUTES)
async def test_nobody_without_a_login_gets_in(
    isolated: None, app: FastAPI, method: str, url: str
) -> None:
    row = await stored_category()
    async with browser(app) as client:
        await csrf(client)
        answer = await attack(client, url, method, row.id)
    if method == "GET":
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("https://localhost/admin/login?next=")
    else:
        assert answer.status_code == 401
    assert "News" not in answer.text
    assert await unchanged(row.id)


@pytest.mark.parametrize(("method", "url"), ROUTES)
async def test_users_who_are_not_staff_do_not_get_in(
    isolated: None, app: FastAPI, method: str, url: str
) -> None:
    row = await stored_category()
    async with browser(app, await make_user()) as client:
        await csrf(client)
        answer = await attack(client, url, method, row.id)
    assert answer.status_code == 403
    assert "News" not in answer.text
    assert await unchanged(row.id)


@pytest.mark.parametrize(("method", "url"), ROUTES[1:])
async def test_staff_without_permissions_see_and_change_nothing(
    isolated: None, app: FastAPI, method: str, url: str
) -> None:
    row = await stored_category()
    async with browser(app, await staff("blog.post.view")) as client:
        await csrf(client)
        answer = await attack(client, url, method, row.id)
    assert answer.status_code in (400, 403)
    assert "News" not in answer.text
    assert await unchanged(row.id)


@pytest.mark.parametrize("url", [each for each in WRITING if "name=export" not in each])
async def test_staff_who_may_only_view_change_nothing(
    isolated: None, app: FastAPI, url: str
) -> None:
    row = await stored_category()
    async with browser(app, await staff("blog.category.view")) as client:
        await csrf(client)
        answer = await attack(client, url, "POST", row.id)
    assert answer.status_code in (400, 403)
    assert await unchanged(row.id)


@pytest.mark.parametrize("url", [*WRITING, "/admin/logout", "/admin/login"])
async def test_other_websites_change_nothing(isolated: None, app: FastAPI, url: str) -> None:
    row = await stored_category()
    async with browser(app, await superuser()) as client:
        await csrf(client)
        client.headers.update(ELSEWHERE)
        answer = await attack(client, url, "POST", row.id)
    assert answer.status_code == 403
    assert await unchanged(row.id)


@pytest.mark.parametrize("url", WRITING)
async def test_forms_need_their_token(isolated: None, app: FastAPI, url: str) -> None:
    row = await stored_category()
    async with browser(app, await superuser()) as client:
        answer = await attack(client, url, "POST", row.id)
    assert answer.status_code == 403
    assert await unchanged(row.id)


@pytest.mark.parametrize("pk", ["", "x", "1,2", "'", "9" * 40, "-1", NOBODY, "\x00"])
@pytest.mark.parametrize("key", [KEY, "auth-group-member", "blog-post"])
async def test_keys_of_no_row_are_not_found(root: AsyncClient, key: str, pk: str) -> None:
    for page in ("detail", "edit"):
        answer = await root.get(f"/admin/{key}/{page}", params={"pk": pk})
        assert answer.status_code == 404, answer.text
    for name in ("delete", "restore"):
        url = f"/admin/_api/{key}/row-action"
        answer = await root.post(url, params={"pk": pk, "name": name})
        assert answer.status_code < 500, answer.text


@pytest.mark.parametrize(
    "query",
    [
        {"page": "x"},
        {"page": "-1"},
        {"page": "9" * 30},
        {"page_size": "100000"},
        {"page_size": "-1"},
        {"sort": "password_hash__asc"},
        {"sort": "nothing__asc"},
        {"filter": "password_hash:starts_with:$argon2"},
        {"filter": "((("},
        {"q": "%"},
        {"q": "\x00"},
        {"q": "'; DROP TABLE users --"},
    ],
)
async def test_lists_survive_any_query(root: AsyncClient, query: dict[str, str]) -> None:
    answer = await root.get("/admin/users-user/list", params=query)
    assert answer.status_code < 500, answer.text


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("users-user", "password_hash__starts_with=$argon2"),
        ("users-user", "password_hash__is_null"),
        ("auth-token", "hash__starts_with=a"),
        ("auth-token", "user__eq=a"),
        ("jobs-queued-job", "arguments__eq={}"),
        ("ledger-account", "balance__eq=NaN"),
    ],
)
async def test_what_is_not_shown_is_not_filtered(root: AsyncClient, key: str, text: str) -> None:
    answer = await root.get(f"/admin/{key}/list", params={"filter": text})
    assert answer.status_code in (400, 422), answer.text


async def test_no_page_shows_a_hash_of_a_password(root: AsyncClient) -> None:
    user = await make_user(password="violet canoe harbour 47")
    pages = [
        await root.get("/admin/users-user/list"),
        await root.get(f"/admin/users-user/detail?pk={user.id}"),
        await root.get(f"/admin/users-user/edit?pk={user.id}"),
        await root.get("/admin/_api/users-user/relation-lookup"),
        await root.post(
            f"/admin/_api/users-user/action?pks={user.id}&name=export",
            data={"format": "json", "scope": "selected", "fields": "password_hash"},
        ),
    ]
    for page in pages:
        assert page.status_code == 200, page.text
        assert "argon2" not in page.text
        assert user.password_hash not in page.text


async def user_now(pk: Key) -> User:
    async with transaction(read_only=True) as session:
        return await session.get_one(User, pk)


async def test_staff_do_not_become_superusers(isolated: None, app: FastAPI) -> None:
    person = await staff("users.user.view", "users.user.change")
    other = await make_user()
    async with browser(app, person) as client:
        await csrf(client)
        for user in (person, other):
            rights = {"is_active": "true", "is_staff": "true", "is_superuser": "true"}
            more = {"email": "mine@example.org", "password_hash": "x", "id": str(uuid4())}
            url = f"/admin/users-user/edit?pk={user.id}"
            await submit(client, url, full_name="New", **rights, **more)
            now = await user_now(user.id)
            assert (now.is_superuser, now.email) == (False, user.email)
            assert now.is_staff is user.is_staff
            assert now.password_hash is None
        for key in ("auth-user-permission", "auth-group", "auth-group-member"):
            assert (await client.get(f"/admin/{key}/list")).status_code == 403
            assert (await client.post(f"/admin/{key}/create", data={})).status_code == 403


async def test_staff_do_not_change_superusers(isolated: None, app: FastAPI) -> None:
    boss = await superuser()
    async with browser(app, await staff("users.user.view", "users.user.change")) as client:
        await csrf(client)
        answer = await submit(client, f"/admin/users-user/edit?pk={boss.id}", full_name="X")
    assert answer.status_code == 403
    assert "Only superusers change superusers." in answer.text
    assert (await user_now(boss.id)).is_active


async def test_the_last_superuser_stays(root: AsyncClient) -> None:
    page = await root.get("/admin/users-user/list")
    [pk] = {part.split('"')[0] for part in page.text.split("detail?pk=")[1:]}
    answer = await submit(root, f"/admin/users-user/edit?pk={pk}", is_active="true")
    assert answer.status_code == 409
    assert "This is the last superuser." in answer.text


async def test_destructive_actions_need_a_recent_login(
    isolated: None, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = await stored_category()
    user = await make_user()
    async with browser(app, await superuser()) as client:
        await csrf(client)
        monkeypatch.setattr(visitor, "utc_now", lambda: utc_now() + timedelta(hours=1))
        for url in (
            f"/admin/_api/{KEY}/row-action?pk={row.id}&name=delete",
            f"/admin/_api/{KEY}/action?pks={row.id}&name=delete",
        ):
            answer = await client.post(url)
            assert answer.status_code == 400
            assert answer.json() == {
                "msg": "This needs a login within the last 10 minutes. Log in again, then repeat."
            }
        answer = await submit(client, f"/admin/users-user/edit?pk={user.id}", is_staff="true")
        assert answer.status_code == 403
    assert await unchanged(row.id)
    assert not (await user_now(user.id)).is_staff


async def test_references_to_rows_of_no_use_are_refused(root: AsyncClient) -> None:
    category = await stored_category()
    for author in (str(uuid4()), str(category.id), "x", "' OR 1=1"):
        fields = {"title": "T", "body": "b", "slug": "t", "status": "draft", "meta": "{}"}
        answer = await submit(root, "/admin/blog-post/create", author=author, **fields)
        assert answer.status_code == 422, answer.text
        assert "No such row." in answer.text


async def test_references_to_models_that_staff_may_not_view_are_not_shown(
    isolated: None, app: FastAPI
) -> None:
    author = await make_user()
    post = await stored_post(author)
    async with browser(app, await staff("blog.post.view")) as client:
        for url in ("/admin/blog-post/list", f"/admin/blog-post/detail?pk={post.id}"):
            page = await client.get(url)
            assert page.status_code == 200
            assert author.email not in page.text
        answer = await client.get("/admin/_api/users-user/relation-lookup")
        assert answer.status_code == 403


SCRIPT = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.mark.parametrize("text", [SCRIPT, "javascript:alert(1)", "{{ 7 * 7 }}", "</script>"])
async def test_stored_text_is_never_markup(root: AsyncClient, text: str) -> None:
    author = await make_user(full_name=text)
    post = await stored_post(author, title=text, slug=text[:100], body=text, meta={"a": text})
    await submit(root, "/admin/blog-category/create", name=text[:80], slug=text[:100])
    for url in (
        "/admin/",
        "/admin/blog-post/list",
        f"/admin/blog-post/list?q={text}",
        f"/admin/blog-post/detail?pk={post.id}",
        f"/admin/blog-post/edit?pk={post.id}",
        "/admin/blog-category/list",
        "/admin/users-user/list",
    ):
        page = await root.get(url)
        assert page.status_code == 200, page.text
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert 'href="javascript:' not in page.text
        assert "script-src 'self' 'nonce-" in page.headers["content-security-policy"]


async def test_pages_have_no_inline_handlers_and_load_nothing_from_elsewhere(
    root: AsyncClient,
) -> None:
    author = await make_user()
    post = await stored_post(author)
    for url in (
        "/admin/",
        "/admin/login",
        "/admin/blog-post/list",
        "/admin/blog-post/create",
        f"/admin/blog-post/detail?pk={post.id}",
        f"/admin/blog-post/edit?pk={post.id}",
    ):
        page = (await root.get(url)).text
        assert re.findall(r"<[^>]+\son\w+=", page) == [], url
        assert re.findall(r"<script(?![^>]*(?:nonce=|src=|application/json))[^>]*>", page) == [], (
            url
        )
        sources = re.findall(r"""(?:src|href|action)=["'](https?://[^"']+)""", page)
        assert [each for each in sources if not each.startswith("https://localhost/")] == []
        assert "rsms.me" not in page


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =cmd|'/c calc'!A1"])
async def test_exports_hold_no_formulas(root: AsyncClient, text: str) -> None:
    row = await stored_category(name=text)
    url = f"/admin/_api/{KEY}/action?pks={row.id}&name=export"
    data: dict[str, Any] = {"format": "csv", "scope": "selected", "fields": ["name"]}
    answer = await root.post(url, data=data)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.splitlines()[1].strip('"').startswith("'")


async def test_the_login_leads_only_to_pages_of_the_service(isolated: None, app: FastAPI) -> None:
    await make_user(email="ada@example.org", password="violet canoe harbour 47", is_staff=True)
    for target in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        async with browser(app) as client:
            page = await client.get("/admin/login", params={"next": target})
            data = {
                "email": "ada@example.org",
                "password": "violet canoe harbour 47",
                "csrftoken": hidden(page.text, "csrftoken"),
            }
            answer = await client.post("/admin/login", params={"next": target}, data=data)
            assert answer.status_code == 303, answer.text
            assert answer.headers["location"] == "https://localhost/admin/"
            assert "__Host-session" in answer.headers["set-cookie"]
            wrong = await client.post("/admin/login", data={**data, "password": "x"})
            assert wrong.status_code == 401
            assert "The address or the password is wrong" in wrong.text


async def test_a_form_that_changes_nothing_changes_nothing(root: AsyncClient) -> None:
    author = await make_user()
    body, meta = "one\ntwo  \n", {"a": [1, None, "x"], "b": "ä"}
    post = await stored_post(author, body=body, meta=meta, title=" padded ")
    url = f"/admin/blog-post/edit?pk={post.id}"
    answer = await root.post(url, data=Form((await root.get(url)).text).fields)
    assert answer.status_code == 303, answer.text
    async with transaction(read_only=True) as session:
        row = await session.get_one(Post, post.id)
        assert (row.body, row.meta, row.title) == (body, meta, " padded ")
    assert await audit() == []
