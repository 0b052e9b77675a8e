"""Attacks on the links of mails."""

import pytest
from httpx import AsyncClient
from sqlalchemy import select
from support import (
    ADA,
    NEW_PASSWORD,
    WRONG,
    bearer,
    log_in,
    mailed_token,
    stored,
    subjects,
    user_of,
)

from my_service.apps.users.models import User
from my_service.core.auth import TokenKind
from my_service.core.db import transaction
from my_service.core.jobs.models import QueuedJob
from my_service.core.jobs.testing import run_jobs
from my_service.core.mail import Mailbox

LINKS = {
    TokenKind.CONFIRM: "/api/auth/confirm",
    TokenKind.RESET: "/api/auth/reset/confirm",
    TokenKind.EMAIL: "/api/auth/email/confirm",
}


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
