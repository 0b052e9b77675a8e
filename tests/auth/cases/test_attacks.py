"""Attacks on every route of a default render, and on the ways to log in.

The routes are found in the application. Those that ask for no login, or for more, are named below: a
route that asks for nothing by mistake fails the first case.
"""

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from routes import PRIVATE, ROUTES, UNSAFE, Route
from sqlalchemy import select
from support import (
    ADA,
    NEW_PASSWORD,
    PASSWORD,
    Clock,
    bearer,
    browser,
    cookie_of,
    log_in,
    stored,
)

from my_service.core.auth import Token, TokenKind
from my_service.core.db import transaction
from my_service.settings import settings

PUBLIC = {
    "GET /api/auth/confirm",
    "GET /api/auth/email/confirm",
    "GET /api/auth/reset/confirm",
    "GET /api/posts",
    "GET /api/posts/feed",
    "GET /api/posts/{id}",
    "GET /api/posts/{id}/comments",
    "POST /api/auth/confirm",
    "POST /api/auth/email/confirm",
    "POST /api/auth/login",
    "POST /api/auth/reset",
    "POST /api/auth/reset/confirm",
    "POST /api/auth/signup",
}
MORE_THAN_A_LOGIN = {
    "DELETE /api/me": "recent login",
    "GET /api/reports/latest-per-author": "staff",
    "GET /api/reports/posts-per-author": "staff",
    "GET /api/users": "staff",
    "GET /api/users/{id}": "staff",
    "PATCH /api/users/{id}": "recent login, staff",
    "POST /api/me/tokens": "recent login",
    "PUT /api/categories/{slug}": "staff",
    "PUT /api/me/email": "recent login",
}
NEVER_STORED = ("/api/auth", "/api/me", "/api/users")  # by browsers and proxies


every_private = pytest.mark.parametrize("route", PRIVATE, ids=lambda route: route.name)
every_unsafe = pytest.mark.parametrize("route", UNSAFE, ids=lambda route: route.name)


async def call(
    client: AsyncClient, route: Route, headers: dict[str, str] | None = None
) -> tuple[int, str]:
    """Call a route, and return the status and the type of the problem."""
    answer = await client.request(route.method, route.sample, headers=headers)
    if route.path.startswith(NEVER_STORED):
        assert answer.headers["cache-control"] == "no-store"
    failed = answer.status_code >= 400
    return answer.status_code, answer.json()["type"] if failed else ""


def test_all_other_routes_ask_for_a_login() -> None:
    expected = MORE_THAN_A_LOGIN | dict.fromkeys(PUBLIC, "public")
    assert {route.name: route.access for route in ROUTES if route.access != "login"} == expected


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
        answer = await page.request(route.method, route.sample, headers=headers)
        assert answer.status_code in (400, 403)
    else:
        assert await call(page, route, headers) == expected


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
    for route in ROUTES:
        cross_site = {"Sec-Fetch-Site": "cross-site"}
        answer = await page.request(method, route.sample, headers=cross_site)
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
