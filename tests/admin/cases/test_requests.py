"""Requests that no page of the admin sends: other methods, missing parts, and wrong types."""

import logging
from collections.abc import Generator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from support import browser, stored_category, submit
from test_attacks import KEY, READING, WRITING

from my_service.core.auth.testing import make_user

EVERY = sorted({"/admin", "/admin/login", "/admin/logout", *READING, *WRITING})


@pytest.fixture(autouse=True)
def _no_failure_is_logged(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    yield
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "X"])
async def test_other_methods_change_nothing(root: AsyncClient, method: str) -> None:
    row = await stored_category()
    for url in EVERY:
        answer = await root.request(method, url.format(pk=row.id))
        assert answer.status_code < 500, f"{url}: {answer.text}"
        assert method == "HEAD" or answer.status_code >= 303, url
    assert (await root.get(f"/admin/{KEY}/detail?pk={row.id}")).status_code == 200


@pytest.mark.parametrize("name", ["view", "edit", "sessions"])
async def test_a_link_is_not_run(root: AsyncClient, name: str) -> None:
    user = await make_user()
    url = f"/admin/_api/users-user/row-action?pk={user.id}&name={name}"
    answer = await root.post(url)
    assert answer.status_code == 400, answer.text
    assert answer.json() == {"msg": f"{name!r} is a link. Open it instead."}


@pytest.mark.parametrize("query", ["", "name=", "name=nothing", "name=nothing&all=1"])
@pytest.mark.parametrize("route", ["action", "row-action"])
async def test_an_action_needs_a_name(root: AsyncClient, route: str, query: str) -> None:
    row = await stored_category()
    for key in (f"pk={row.id}", f"pks={row.id}", "pks=x&pks=", "pk=x"):
        answer = await root.post(f"/admin/_api/{KEY}/{route}?{query}&{key}")
        assert answer.status_code == 400, answer.text


async def test_a_page_that_is_named_like_an_action_is_not_found(root: AsyncClient) -> None:
    assert (await root.get("/admin/transaction")).status_code == 404


@pytest.mark.parametrize("name", ["delete", "restore", "purge", "retry", "cancel", "end", "export"])
@pytest.mark.parametrize("key", [KEY, "jobs-queued-job", "auth-token", "users-user", "none"])
async def test_an_action_on_no_row_does_nothing(root: AsyncClient, key: str, name: str) -> None:
    for query in ("", "pks=", "pks=x&pks=1,2", f"pks={'9' * 40}", "all=1&_list_query=%3Fq%3Dnone"):
        answer = await root.post(f"/admin/_api/{key}/action?name={name}&{query}")
        assert answer.status_code < 500, f"{query}: {answer.text}"


@pytest.mark.parametrize(
    "query",
    [
        {"sort": ["author__desc", "categories__asc", "words__asc", "__asc", "id__x"]},
        {"sort": ["id__asc"] * 50},
        {"filter": "id__eq=" + "9" * 40},
        {"filter": " AND ".join(["status__eq=draft"] * 300)},
        {"filter": "(" * 5_000},
        {"page": "9" * 5_000},
        {"page": "٣"},
        {"cols": "password_hash,nothing"},
        {"q": "x" * 5_000},
        {"deleted": "1"},
    ],
)
async def test_a_list_survives_any_query(root: AsyncClient, query: dict[str, Any]) -> None:
    for key in ("blog-post", "users-user", "jobs-queued-job", "auth-token", "auth-group-member"):
        answer = await root.get(f"/admin/{key}/list", params=query)
        assert answer.status_code < 500, f"{key}: {answer.text}"


@pytest.mark.parametrize("text", ["\x00", "x" * 5_000, "a@b@c", "", "Ω@example.org"])
async def test_a_login_survives_any_text(isolated: None, app: FastAPI, text: str) -> None:
    async with browser(app) as client:
        await client.get("/admin/login")
        token = client.cookies["starlette_admin_csrftoken"]
        headers = {"X-CSRFToken": token, "Cookie": f"starlette_admin_csrftoken={token}"}
        for email, password in ((text, "x"), ("ada@example.org", text)):
            data = {"email": email, "password": password}
            answer = await client.post("/admin/login", data=data, headers=headers)
            assert 400 <= answer.status_code < 500, answer.text


POST = {"title": "T", "body": "b", "slug": "t", "status": "draft", "meta": "{}", "author": "x"}


@pytest.mark.parametrize("name", POST)
async def test_a_form_survives_any_value(root: AsyncClient, name: str) -> None:
    for value in ("\x00", "x" * 100_000, "9" * 400, "[" * 3_000, "nan", "\ud7ff", ["a", "b"]):
        answer = await submit(root, "/admin/blog-post/create", **{**POST, name: value})
        assert answer.status_code == 422, f"{value!r}: {answer.text}"


async def test_a_form_that_is_no_form_is_refused(root: AsyncClient) -> None:
    url = "/admin/blog-category/create"
    for kind, content in (
        ("multipart/form-data", b"x"),
        ("application/json", b"{"),
        ("application/x-www-form-urlencoded", b"%ff=%fe&name=%00"),
    ):
        answer = await root.post(url, content=content, headers={"Content-Type": kind})
        assert 400 <= answer.status_code < 500, f"{kind}: {answer.text}"


async def test_a_websocket_is_refused(app: FastAPI) -> None:
    scope: dict[str, Any] = {
        "type": "websocket",
        "path": "/admin/",
        "raw_path": b"/admin/",
        "root_path": "",
        "scheme": "wss",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "subprotocols": [],
        "state": {},
    }
    sent: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    await app(scope, receive, send)
    assert sent == ["websocket.close"]
