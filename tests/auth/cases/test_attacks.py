"""Attacks on every route of the users' app, and on the ways to log in.

The table below names each route. A route without a line in it fails the first case.
"""

from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from httpx import AsyncClient
from sqlalchemy import select
from support import (
    ADA,
    NEW_PASSWORD,
    PASSWORD,
    Clock,
    bearer,
    browser,
    log_in,
    stored,
    user_of,
)

from my_service.apps.users.models import User
from my_service.core.auth import Group, GroupMember, Token, TokenKind
from my_service.core.db import transaction
from my_service.settings import settings


class Route(NamedTuple):
    """A route: who may call it, and a valid body."""

    method: str
    path: str
    access: str  # public, login, recent, staff
    body: dict[str, Any] | None = None


PAGES = ("/api/auth/confirm", "/api/auth/reset/confirm", "/api/auth/email/confirm")
PUBLIC = [
    *(Route("GET", path, "public") for path in PAGES),
    Route("POST", "/api/auth/signup", "public", {"email": "new@example.org"}),
    Route("POST", "/api/auth/confirm", "public", {"token": "x", "password": NEW_PASSWORD}),
    Route("POST", "/api/auth/login", "public", {"email": ADA, "password": PASSWORD}),
    Route("POST", "/api/auth/reset", "public", {"email": ADA}),
    Route("POST", "/api/auth/reset/confirm", "public", {"token": "x", "password": NEW_PASSWORD}),
    Route("POST", "/api/auth/email/confirm", "public", {"token": "x"}),
]
PRIVATE = [
    Route("POST", "/api/auth/logout", "login"),
    Route("GET", "/api/me", "login"),
    Route("PATCH", "/api/me", "login", {"full_name": "Ada"}),
    Route("DELETE", "/api/me", "recent"),
    Route("PUT", "/api/me/password", "login", {"current": PASSWORD, "new": NEW_PASSWORD}),
    Route("PUT", "/api/me/email", "recent", {"email": "new@example.org"}),
    Route("GET", "/api/me/sessions", "login"),
    Route("DELETE", "/api/me/sessions", "login"),
    Route("DELETE", "/api/me/sessions/{id}", "login"),
    Route("GET", "/api/me/tokens", "login"),
    Route("POST", "/api/me/tokens", "recent", {"name": "ci"}),
    Route("DELETE", "/api/me/tokens/{id}", "login"),
    Route("GET", "/api/users", "staff"),
    Route("GET", "/api/users/{id}", "staff"),
    Route("PATCH", "/api/users/{id}", "staff", {"is_active": False}),
]
UNSAFE = [route for route in PRIVATE if route.method != "GET"]


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


every_private = pytest.mark.parametrize("route", PRIVATE, ids=name)
every_unsafe = pytest.mark.parametrize("route", UNSAFE, ids=name)


async def call(
    client: AsyncClient, route: Route, headers: dict[str, str] | None = None
) -> tuple[int, str]:
    """Call a route, and return the status and the type of the problem."""
    path = route.path.replace("{id}", str(uuid4()))
    answer = await client.request(route.method, path, json=route.body, headers=headers)
    assert answer.headers["cache-control"] == "no-store"
    failed = answer.status_code >= 400
    return answer.status_code, answer.json()["type"] if failed else ""


def test_the_table_names_every_route(app: FastAPI) -> None:
    found = {
        (method, str(route.path))
        for route in iter_route_contexts(app.routes)
        if str(route.path).startswith("/api/")
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert found == {(route.method, route.path) for route in [*PUBLIC, *PRIVATE]}


@every_private
async def test_anonymous_callers_are_refused(page: AsyncClient, route: Route) -> None:
    assert await call(page, route) == (401, "urn:problem:login-required")


@every_private
@pytest.mark.parametrize("why", ["inactive", "expired", "revoked", "of a mail", "invented"])
async def test_dead_tokens_are_refused(
    page: AsyncClient, clock: Clock, route: Route, why: str
) -> None:
    user = await stored(is_active=why != "inactive", is_superuser=True)
    kind = TokenKind.RESET if why == "of a mail" else TokenKind.SESSION
    headers = await bearer(user, kind)
    if why == "expired":
        clock.later(hours=1)
    elif why == "revoked":
        async with transaction() as session:
            await session.delete((await session.scalars(select(Token))).one())
    elif why == "invented":
        headers = {"Authorization": "Bearer " + "A" * 43}
    assert await call(page, route, headers) == (401, "urn:problem:login-required")
    cookie = {"Cookie": f"__Host-session={headers['Authorization'][7:]}"}
    assert await call(page, route, cookie) == (401, "urn:problem:login-required")


@every_unsafe
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://localhost"},
        {"Sec-Fetch-Site": "SAME-ORIGIN"},
        {"Origin": "https://evil.example"},
        {"Origin": "https://localhost.evil.example"},
        {"Origin": "https://evil.example/localhost"},
        {"Origin": "https://localhost@evil.example"},
        {"Origin": "https://localhost:8443"},
        {"Origin": "https://sub.localhost"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://["},
        {"Origin": "localhost"},
        {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"},
        {"Origin": "null", "Host": ""},
    ],
    ids=str,
)
async def test_other_websites_are_refused(
    page: AsyncClient, route: Route, headers: dict[str, str]
) -> None:
    headers = {**headers, **await cookie_of(await stored(is_superuser=True))}
    del page.headers["Sec-Fetch-Site"]
    expected = (403, "urn:problem:cross-origin")
    if "Host" in headers:
        path = route.path.replace("{id}", str(uuid4()))
        answer = await page.request(route.method, path, json=route.body, headers=headers)
        assert answer.status_code in (400, 403)
    else:
        assert await call(page, route, headers) == expected


async def cookie_of(user: User) -> dict[str, str]:
    return {"Cookie": f"__Host-session={(await bearer(user))['Authorization'][7:]}"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://localhost"},
        {"Origin": "https://app.example", "Sec-Fetch-Site": "same-site"},
        {"Origin": "https://app.example"},
    ],
    ids=str,
)
async def test_own_pages_and_trusted_origins_are_served(
    page: AsyncClient, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    monkeypatch.setattr(settings, "trusted_origins", ["https://app.example"])
    headers = {**headers, **await cookie_of(await stored())}
    del page.headers["Sec-Fetch-Site"]
    answer = await page.patch("/api/me", json={"full_name": "Ada"}, headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain"])
async def test_a_form_of_another_website_does_nothing(page: AsyncClient, kind: str) -> None:
    await stored()
    await log_in(page)
    forged = {
        "Content-Type": kind,
        "Sec-Fetch-Site": "cross-site",
        "Origin": "https://evil.example",
    }
    body = b'{"current": "%s", "new": "%s"}' % (PASSWORD.encode(), NEW_PASSWORD.encode())
    for method, path in (("PUT", "/api/me/password"), ("POST", "/api/auth/login")):
        answer = await page.request(method, path, content=body, headers=forged)
        assert answer.status_code in (403, 422)
        assert "set-cookie" not in answer.headers
    assert (await log_in(page)).status_code == 200


async def test_another_website_cannot_log_a_browser_in(page: AsyncClient) -> None:
    await stored()
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        page.headers.update(headers)
        answer = await log_in(page)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:problem:cross-origin")
        assert not page.cookies
    answer = await log_in(page, bearer=True)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
async def test_safe_methods_change_nothing(page: AsyncClient, method: str) -> None:
    await stored()
    await log_in(page)
    for route in [*PUBLIC, *PRIVATE]:
        path = route.path.replace("{id}", str(uuid4()))
        cross_site = {"Sec-Fetch-Site": "cross-site"}
        answer = await page.request(method, path, headers=cross_site)
        assert answer.status_code < 500
        assert "access-control-allow-origin" not in answer.headers
    assert (await page.get("/api/me")).status_code == 200


async def test_cookies_are_bound_to_the_host_and_hidden_from_scripts(page: AsyncClient) -> None:
    await stored()
    cookies = (await log_in(page)).headers.get_list("set-cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["__Host-session", "__Host-device"]
    for cookie in cookies:
        attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= attributes
        assert not any(attribute.startswith("domain") for attribute in attributes)


async def test_a_planted_session_is_not_used(app: FastAPI, page: AsyncClient) -> None:
    """Session fixation: neither an invented token nor the attacker's survives a login."""
    await stored()
    eve = await stored("eve@example.org")
    planted = (await bearer(eve))["Authorization"][7:]
    for token in ("invented", planted):
        page.cookies.set("__Host-session", token, domain="localhost.local")
        answer = await log_in(page)
        assert answer.json()["user"]["email"] == ADA
        new = answer.headers.get_list("set-cookie")[0]
        assert token not in new
        page.cookies.clear()
    async with browser(app) as attacker:
        headers = {"Authorization": f"Bearer {planted}"}
        assert (await attacker.get("/api/me", headers=headers)).status_code in (200, 401)


async def test_staff_without_rights_cannot_rise(page: AsyncClient) -> None:
    staff = await stored("staff@example.org", is_staff=True)
    root = await stored("root@example.org", is_superuser=True)
    ada = await stored()
    headers = await bearer(staff)
    rises = ({"is_superuser": True}, {"is_staff": True}, {"groups": ["admins"]})
    for target in (staff, ada, root):
        for body in (*rises, {"is_active": True, "is_superuser": True}):
            path = f"/api/users/{target.id}"
            answer = await page.patch(path, json=body, headers=headers)
            assert (answer.status_code, answer.json()["type"]) == (403, "about:blank")
    answer = await page.patch(f"/api/users/{root.id}", json={"is_active": False}, headers=headers)
    assert answer.status_code == 403
    assert (await user_of("root@example.org")).is_active
    assert not (await user_of("staff@example.org")).is_superuser


async def test_superusers_set_groups(page: AsyncClient) -> None:
    ada, headers = await stored(), await bearer(await stored("root@example.org", is_superuser=True))
    async with transaction() as session:
        session.add_all([Group(name=name) for name in ("editors", "writers")])
    for names, status in ((["editors", "writers"], 200), (["nobody"], 404), ([], 200)):
        body = {"groups": names}
        answer = await page.patch(f"/api/users/{ada.id}", json=body, headers=headers)
        assert answer.status_code == status
        async with transaction(read_only=True) as session:
            members = await session.scalars(select(GroupMember.user_id))
            assert len(members.all()) == (0 if names == [] else 2)


@pytest.mark.parametrize("path", ["/api/users", "/api/users/{id}"])
async def test_users_are_for_staff(page: AsyncClient, path: str) -> None:
    grace, headers = await stored("grace@example.org"), await bearer(await stored())
    path = path.replace("{id}", str(grace.id))
    for method in ("GET", "PATCH"):
        answer = await page.request(method, path, json={"is_active": False}, headers=headers)
        assert answer.status_code in (403, 405)
    assert (await user_of("grace@example.org")).is_active


async def test_the_last_superuser_stays(page: AsyncClient) -> None:
    root = await stored("root@example.org", is_superuser=True)
    await stored("former@example.org", is_superuser=True, is_active=False)
    headers = await bearer(root)
    for body in ({"is_superuser": False}, {"is_active": False}):
        answer = await page.patch(f"/api/users/{root.id}", json=body, headers=headers)
        assert answer.status_code == 409
    assert (await page.request("DELETE", "/api/me", headers=headers)).status_code == 409


async def test_other_peoples_rows_are_not_found(page: AsyncClient) -> None:
    ada, eve = await stored(), await stored("eve@example.org")
    of_ada = await bearer(ada)
    await bearer(ada, TokenKind.API)
    async with transaction(read_only=True) as session:
        keys = {token.kind: token.id for token in await session.scalars(select(Token))}
    of_eve = await bearer(eve)
    for path, kind in (("sessions", TokenKind.SESSION), ("tokens", TokenKind.API)):
        answer = await page.delete(f"/api/me/{path}/{keys[kind]}", headers=of_eve)
        assert answer.status_code == 404
    for wrong, kind in (("sessions", TokenKind.API), ("tokens", TokenKind.SESSION)):
        answer = await page.delete(f"/api/me/{wrong}/{keys[kind]}", headers=of_ada)
        assert answer.status_code == 404
    assert (await page.get("/api/me", headers=of_ada)).status_code == 200


FORBIDDEN_FIELDS = (
    "id",
    "email",
    "is_staff",
    "is_superuser",
    "is_active",
    "confirmed_at",
    "password_hash",
    "password",
    "groups",
    "token_kind",
)


@pytest.mark.parametrize("field", FORBIDDEN_FIELDS)
async def test_fields_that_are_not_asked_for_are_refused(page: AsyncClient, field: str) -> None:
    headers = await bearer(await stored())
    bodies: list[tuple[str, str, dict[str, Any]]] = [
        ("PATCH", "/api/me", {"full_name": "Ada"}),
        ("POST", "/api/auth/signup", {"email": "new@example.org"}),
        ("POST", "/api/auth/login", {"email": ADA, "password": PASSWORD}),
        ("POST", "/api/me/tokens", {"name": "ci"}),
    ]
    for method, path, body in bodies:
        if field not in body:
            answer = await page.request(method, path, json={**body, field: True}, headers=headers)
            assert answer.status_code == 422
    user = await user_of()
    assert (user.is_staff, user.is_superuser) == (False, False)
