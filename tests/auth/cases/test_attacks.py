"""Attacks on every route of the users' app, and on the ways to log in.

The table below names each route. A route without a line in it fails the first case.
"""

import json
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
    WRONG,
    Clock,
    bearer,
    browser,
    log_in,
    mailed_token,
    stored,
    subjects,
    user_of,
)

from my_service.apps.users.models import User
from my_service.core.auth import SecurityEvent, Token, TokenKind, normalize_email
from my_service.core.auth.tokens import digest
from my_service.core.db import transaction
from my_service.core.jobs.models import QueuedJob
from my_service.core.jobs.testing import run_jobs
from my_service.core.mail import Mailbox
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
LINKS = {
    TokenKind.CONFIRM: "/api/auth/confirm",
    TokenKind.RESET: "/api/auth/reset/confirm",
    TokenKind.EMAIL: "/api/auth/email/confirm",
}


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


FORBIDDEN_FIELDS = ("id", "email", "is_staff", "is_superuser", "is_active", "confirmed_at",
                    "password_hash", "password", "groups", "token_kind")  # fmt: skip


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


async def link(page: AsyncClient, mailbox: Mailbox, kind: TokenKind) -> str:
    """The token of a link of a kind, for ada."""
    if kind is TokenKind.CONFIRM:
        await page.post("/api/auth/signup", json={"email": ADA})
    elif kind is TokenKind.RESET:
        await stored()
        await page.post("/api/auth/reset", json={"email": ADA})
    else:
        headers = await bearer(await stored())
        await page.put("/api/me/email", json={"email": "new@example.org"}, headers=headers)
    return await mailed_token(mailbox)


def body_of(kind: TokenKind, token: str, password: str = NEW_PASSWORD) -> dict[str, str]:
    return {"token": token} | ({} if kind is TokenKind.EMAIL else {"password": password})


@pytest.mark.parametrize("kind", LINKS)
async def test_a_link_works_once_and_for_its_purpose(
    page: AsyncClient, mailbox: Mailbox, kind: TokenKind
) -> None:
    token = await link(page, mailbox, kind)
    for other in LINKS.keys() - {kind}:
        answer = await page.post(LINKS[other], json=body_of(other, token))
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:problem:invalid-token")
    for headers in ({"Authorization": f"Bearer {token}"}, {"Cookie": f"__Host-session={token}"}):
        assert (await page.get("/api/me", headers=headers)).status_code == 401
    assert (await page.post(LINKS[kind], json=body_of(kind, token))).status_code == 204
    again = await page.post(LINKS[kind], json=body_of(kind, token))
    assert (again.status_code, again.json()["type"]) == (400, "urn:problem:invalid-token")


@pytest.mark.parametrize("kind", LINKS)
async def test_sessions_and_api_tokens_are_no_links(page: AsyncClient, kind: TokenKind) -> None:
    user = await stored()
    for other in (TokenKind.SESSION, TokenKind.API):
        token = (await bearer(user, other))["Authorization"][7:]
        answer = await page.post(LINKS[kind], json=body_of(kind, token))
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:problem:invalid-token")


async def test_a_weak_password_leaves_the_link_valid(page: AsyncClient, mailbox: Mailbox) -> None:
    token = await link(page, mailbox, TokenKind.RESET)
    path = LINKS[TokenKind.RESET]
    weak = body_of(TokenKind.RESET, token, "password1234")
    assert (await page.post(path, json=weak)).status_code == 422
    assert (await page.post(path, json=body_of(TokenKind.RESET, token))).status_code == 204


async def test_a_link_dies_with_what_it_was_for(page: AsyncClient, mailbox: Mailbox) -> None:
    """A second link, and a link to an address that the user no longer has, are void."""
    first = await link(page, mailbox, TokenKind.RESET)
    await page.post("/api/auth/reset", json={"email": ADA})
    second = await mailed_token(mailbox)
    path = LINKS[TokenKind.RESET]
    assert (await page.post(path, json=body_of(TokenKind.RESET, second))).status_code == 204
    assert (await page.post(path, json=body_of(TokenKind.RESET, first))).status_code == 400
    await page.post("/api/auth/reset", json={"email": ADA})
    third = await mailed_token(mailbox)
    async with transaction() as session:
        (await session.get_one(User, (await user_of()).id)).email = "moved@example.org"
    assert (await page.post(path, json=body_of(TokenKind.RESET, third))).status_code == 400


async def test_a_reset_voids_a_change_of_address_that_is_under_way(
    page: AsyncClient, mailbox: Mailbox
) -> None:
    """Also if its mail is sent, or sent again, after the reset: its server may delay it."""
    await stored()
    await log_in(page)
    await page.put("/api/me/email", json={"email": "eve@example.org"})
    sent = await mailed_token(mailbox)
    await page.put("/api/me/email", json={"email": "mallory@example.org"})
    async with transaction() as session:
        [waiting] = await session.scalars(select(QueuedJob))
        await session.delete(waiting)
    await page.post("/api/auth/reset", json={"email": ADA})
    reset = body_of(TokenKind.RESET, await mailed_token(mailbox))
    assert (await page.post(LINKS[TokenKind.RESET], json=reset)).status_code == 204
    await run_jobs()
    async with transaction() as session:
        from my_service.apps.users import tasks

        await tasks.send_email_change.enqueue(session, waiting.arguments["token_id"])
    await run_jobs()
    assert all(to != "mallory@example.org" for to, _ in subjects(mailbox))
    answer = await page.post(LINKS[TokenKind.EMAIL], json={"token": sent})
    assert answer.status_code == 400


async def test_whoever_signed_up_first_has_not_chosen_the_password(
    page: AsyncClient, mailbox: Mailbox
) -> None:
    planted = {"email": ADA, "password": WRONG}
    assert (await page.post("/api/auth/signup", json=planted)).status_code == 422
    await page.post("/api/auth/signup", json={"email": ADA})
    await run_jobs()
    assert (await log_in(page, password=WRONG)).status_code == 401
    await page.post("/api/auth/signup", json={"email": ADA})
    body = body_of(TokenKind.CONFIRM, await mailed_token(mailbox))
    assert (await page.post(LINKS[TokenKind.CONFIRM], json=body)).status_code == 204
    assert (await log_in(page, password=NEW_PASSWORD)).status_code == 200


SAME = ["ADA@EXAMPLE.ORG", " ada@example.org ", "ada@\uff45xample.org", "ada@example\u3002org",
        "ad\u0041@example.org"]  # fmt: skip
INVALID = ["ada@example.org.", "ada@@example.org", "ada@exa mple.org", "ada", "@example.org",
           "ada@", "ada@example..org", "ada\n@example.org", "ada@example.org\r\nBcc: eve@evil.example",
           "ada@example.org,eve@evil.example", "<ada@example.org>", f"{'a' * 65}@example.org",
           f"a@{'b' * 250}.org", "a\u2028@example.org", "a\x00@example.org"]  # fmt: skip


@pytest.mark.parametrize("address", SAME)
async def test_one_mailbox_is_one_account(
    page: AsyncClient, mailbox: Mailbox, address: str
) -> None:
    await stored()
    assert (await log_in(page, address)).status_code == 200
    assert (await page.post("/api/auth/signup", json={"email": address})).status_code == 202
    await run_jobs()
    assert subjects(mailbox) == [(ADA, "You already have an account")]


@pytest.mark.parametrize("address", INVALID)
async def test_what_is_no_address_is_refused(page: AsyncClient, address: str) -> None:
    await stored()
    for path in ("/api/auth/signup", "/api/auth/reset"):
        assert (await page.post(path, json={"email": address})).status_code == 422
    assert (await log_in(page, address)).status_code in (401, 422)


@pytest.mark.parametrize(
    "address",
    ["\u0430da@example.org", "ad\u00e1@example.org", "\u212bda@example.org", "ada\u200b@example.org",
     "ada@ex\u0430mple.org", "ada+1@example.org", "a.da@example.org"],
)  # fmt: skip
async def test_an_address_that_looks_alike_is_another_one(
    page: AsyncClient, mailbox: Mailbox, address: str
) -> None:
    await stored()
    assert normalize_email(address) != ADA
    assert (await log_in(page, address)).status_code == 401
    await page.post("/api/auth/reset", json={"email": address})
    await run_jobs()
    assert subjects(mailbox) == []


async def test_a_reset_goes_to_the_stored_address_only(page: AsyncClient, mailbox: Mailbox) -> None:
    """U+212A, the Kelvin sign, becomes "k" in lower case: the mail goes to the account's address."""
    await stored("kim@example.org")
    await page.post("/api/auth/reset", json={"email": "\u212aim@example.org"})
    await run_jobs()
    assert subjects(mailbox) == [("kim@example.org", "Set a new password")]


async def test_links_are_built_from_the_setting(page: AsyncClient, mailbox: Mailbox) -> None:
    await stored()
    headers = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    await page.post("/api/auth/reset", json={"email": ADA}, headers=headers)
    await run_jobs()
    text = str(mailbox.messages()[0].get_content())
    assert settings.public_url + "/api/auth/reset/confirm#token=" in text
    assert "evil.example" not in text
    evil = {"Host": "evil.example"}
    answer = await page.post("/api/auth/reset", json={"email": ADA}, headers=evil)
    assert answer.status_code == 400


async def test_raw_tokens_are_nowhere_but_in_mails_and_cookies(
    page: AsyncClient, mailbox: Mailbox, capfd: pytest.CaptureFixture[str]
) -> None:
    await page.post("/api/auth/signup", json={"email": ADA})
    async with transaction(read_only=True) as session:
        queued = [job.arguments for job in await session.scalars(select(QueuedJob))]
    assert queued == [{"email": ADA}]
    confirm = await mailed_token(mailbox)
    await page.post(LINKS[TokenKind.CONFIRM], json=body_of(TokenKind.CONFIRM, confirm))
    session_token = (await log_in(page, password=NEW_PASSWORD, bearer=True)).json()["token"]
    headers = {"Authorization": f"Bearer {session_token}"}
    created = await page.post("/api/me/tokens", json={"name": "ci"}, headers=headers)
    await page.put("/api/me/email", json={"email": "new@example.org"}, headers=headers)
    async with transaction(read_only=True) as session:
        jobs = [job.arguments for job in await session.scalars(select(QueuedJob))]
        hashes = {token.hash for token in await session.scalars(select(Token))}
        events = [event.details for event in await session.scalars(select(SecurityEvent))]
    email = await mailed_token(mailbox)
    secrets = [confirm, session_token, created.json()["token"], email, NEW_PASSWORD]
    output = "".join(capfd.readouterr())
    for secret in secrets:
        assert secret not in json.dumps([*queued, *jobs, *events], default=str)
        assert secret not in output
        assert secret not in hashes
    assert digest(session_token) in hashes


async def test_passwords_in_invalid_requests_are_not_repeated(
    page: AsyncClient, capfd: pytest.CaptureFixture[str]
) -> None:
    headers = await bearer(await stored())
    long = NEW_PASSWORD * 50
    for method, path, body in (
        ("POST", "/api/auth/login", {"email": NEW_PASSWORD, "password": WRONG}),
        ("POST", "/api/auth/login", {"email": ADA, "password": long}),
        ("PUT", "/api/me/password", {"current": PASSWORD, "new": long}),
        ("PUT", "/api/me/password", {"current": [NEW_PASSWORD], "new": NEW_PASSWORD}),
    ):
        answer = await page.request(method, path, json=body, headers=headers)
        assert answer.status_code in (401, 422)
        assert NEW_PASSWORD not in answer.text
    assert NEW_PASSWORD not in "".join(capfd.readouterr())
    async with transaction(read_only=True) as session:
        events = [event.details for event in await session.scalars(select(SecurityEvent))]
    assert NEW_PASSWORD not in json.dumps(events)


async def test_a_closed_account_cannot_be_blocked_or_used(page: AsyncClient) -> None:
    ada = await stored()
    await stored(f"{ada.id}@deleted.invalid")
    await log_in(page)
    assert (await page.request("DELETE", "/api/me")).status_code == 204
    assert (await log_in(page)).status_code == 401
    await stored()  # the address is free again
