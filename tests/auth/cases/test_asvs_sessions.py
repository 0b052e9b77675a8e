"""OWASP ASVS 5.0, chapter 7, sessions: one test for each requirement that docs/security.md lists."""

from datetime import timedelta

from fastapi import FastAPI
from httpx import AsyncClient
from support import (
    ADA,
    NEW_PASSWORD,
    PASSWORD,
    Clock,
    bearer,
    browser,
    log_in,
    mailed_token,
    stored,
)

from my_service.core.auth import TokenKind
from my_service.core.mail import Mailbox
from my_service.settings import settings


async def test_7_1_1_to_7_3_2_sessions_end_unused_or_old(page: AsyncClient, clock: Clock) -> None:
    await stored()
    await log_in(page)
    clock.later(days=settings.auth_idle_days - 1)
    assert (await page.get("/api/me")).status_code == 200
    clock.later(days=settings.auth_idle_days)
    assert (await page.get("/api/me")).status_code == 401
    await log_in(page)
    for _ in range(5):
        clock.later(days=settings.auth_session_days / 5 - 0.001)
        assert (await page.get("/api/me")).status_code == 200
    clock.later(hours=1)
    assert (await page.get("/api/me")).status_code == 401


async def test_7_2_3_tokens_have_256_random_bits(page: AsyncClient) -> None:
    await stored()
    tokens = {(await log_in(page, bearer=True)).json()["token"] for _ in range(5)}
    assert len(tokens) == 5
    assert {len(token) for token in tokens} == {43}  # 32 bytes in URL-safe base64


async def test_7_2_4_each_login_makes_a_new_token(app: FastAPI, page: AsyncClient) -> None:
    await stored()
    await log_in(page)
    earlier = dict(page.cookies)
    await log_in(page)
    assert dict(page.cookies)["__Host-session"] != earlier["__Host-session"]
    async with browser(app) as thief:
        thief.cookies.update(earlier)
        assert (await thief.get("/api/me")).status_code == 401
    assert (await page.get("/api/me")).status_code == 200


async def test_7_4_1_logging_out_ends_the_session(app: FastAPI, page: AsyncClient) -> None:
    await stored()
    await log_in(page)
    cookies = dict(page.cookies)
    answer = await page.post("/api/auth/logout")
    assert answer.status_code == 204
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    async with browser(app) as thief:
        thief.cookies.update(cookies)
        assert (await thief.get("/api/me")).status_code == 401


async def test_7_4_2_a_disabled_account_has_no_sessions(page: AsyncClient) -> None:
    ada, staff = await stored(), await stored("staff@example.org", is_staff=True)
    own, of_staff = await bearer(ada), await bearer(staff)
    of_program = await bearer(ada, TokenKind.API)
    for active, status in ((False, 401), (True, 401)):  # sessions do not come back
        body = {"is_active": active}
        answer = await page.patch(f"/api/users/{ada.id}", json=body, headers=of_staff)
        assert answer.status_code == 200
        for headers in (own, of_program):
            assert (await page.get("/api/me", headers=headers)).status_code == status


async def test_7_4_3_a_new_password_ends_other_sessions(
    page: AsyncClient, mailbox: Mailbox
) -> None:
    ada = await stored()
    await log_in(page)
    other = await bearer(ada)
    new = {"current": PASSWORD, "new": NEW_PASSWORD}
    assert (await page.put("/api/me/password", json=new)).status_code == 204
    assert (await page.get("/api/me", headers=other)).status_code == 401
    assert (await page.get("/api/me")).status_code == 200
    program = await bearer(ada, TokenKind.API)
    await page.post("/api/auth/reset", json={"email": ADA})
    body = {"token": await mailed_token(mailbox), "password": PASSWORD}
    assert (await page.post("/api/auth/reset/confirm", json=body)).status_code == 204
    for headers in ({}, program):
        assert (await page.get("/api/me", headers=headers)).status_code == 401


async def test_7_4_5_and_7_5_2_users_list_and_end_sessions(page: AsyncClient) -> None:
    ada = await stored()
    await log_in(page)
    others = [await bearer(ada) for _ in range(3)]
    listed = (await page.get("/api/me/sessions", headers=others[0])).json()
    assert len(listed) == 4
    assert (await page.delete("/api/me/sessions")).status_code == 204
    for headers in others:
        assert (await page.get("/api/me", headers=headers)).status_code == 401
    [own] = (await page.get("/api/me/sessions")).json()
    assert (await page.delete(f"/api/me/sessions/{own['id']}")).status_code == 204
    assert (await page.get("/api/me")).status_code == 401


async def test_7_5_1_and_7_5_3_sensitive_changes_need_a_recent_login(
    page: AsyncClient, clock: Clock
) -> None:
    ada = await stored()
    program = await bearer(ada, TokenKind.API)
    await log_in(page)
    clock.later(minutes=settings.auth_recent_minutes, seconds=1)

    async def statuses(headers: dict[str, str]) -> set[tuple[int, str]]:
        answers = [
            await page.post("/api/me/tokens", json={"name": "ci"}, headers=headers),
            await page.put("/api/me/email", json={"email": "a@example.org"}, headers=headers),
            await page.request("DELETE", "/api/me", headers=headers),
        ]
        return {(answer.status_code, answer.json()["type"]) for answer in answers}

    for headers in ({}, program):
        assert await statuses(headers) == {(403, "urn:problem:reauthentication-required")}
    await log_in(page)
    assert (await page.post("/api/me/tokens", json={"name": "ci"})).status_code == 201
    assert timedelta(minutes=settings.auth_recent_minutes) <= timedelta(minutes=10)
