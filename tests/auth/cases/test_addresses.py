"""Attacks by addresses, and by what answers, jobs and logs could tell."""

import json

import pytest
from httpx import AsyncClient
from sqlalchemy import select
from support import (
    ADA,
    NEW_PASSWORD,
    PASSWORD,
    WRONG,
    bearer,
    log_in,
    mailed_token,
    stored,
    subjects,
)

from my_service.core.auth import SecurityEvent, Token, normalize_email
from my_service.core.auth.tokens import digest
from my_service.core.db import transaction
from my_service.core.jobs.models import QueuedJob
from my_service.core.jobs.testing import run_jobs
from my_service.core.mail import Mailbox
from my_service.settings import settings

SAME = [
    "ADA@EXAMPLE.ORG",
    " ada@example.org ",
    "ada@\uff45xample.org",
    "ada@example\u3002org",
    "ad\u0041@example.org",
]
INVALID = [
    "ada@example.org.",
    "ada@@example.org",
    "ada@exa mple.org",
    "ada",
    "@example.org",
    "ada@",
    "ada@example..org",
    "ada\n@example.org",
    "ada@example.org\r\nBcc: eve@evil.example",
    "ada@example.org,eve@evil.example",
    "<ada@example.org>",
    f"{'a' * 65}@example.org",
    f"a@{'b' * 250}.org",
    "a\u2028@example.org",
    "a\x00@example.org",
]


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
    [
        "\u0430da@example.org",
        "ad\u00e1@example.org",
        "\u212bda@example.org",
        "ada\u200b@example.org",
        "ada@ex\u0430mple.org",
        "ada+1@example.org",
        "a.da@example.org",
    ],
)
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
    await page.post("/api/auth/confirm", json={"token": confirm, "password": NEW_PASSWORD})
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
