"""OWASP ASVS 5.0, chapter 6, passwords: one test for each requirement that docs/security.md lists."""

import runpy
from typing import Any

import pytest
from argon2 import Parameters, Type, extract_parameters
from fastapi import FastAPI
from httpx import AsyncClient, Response
from support import (
    ADA,
    NEW_PASSWORD,
    PASSWORD,
    WRONG,
    Clock,
    bearer,
    browser,
    counted,
    log_in,
    mailed_token,
    stored,
    subjects,
    user_of,
)

from my_service.apps.users.models import User
from my_service.core.auth import limits, passwords
from my_service.core.db import Repository, transaction
from my_service.core.jobs.testing import run_jobs
from my_service.core.mail import Mailbox

LONG = "Ünïcode Pass phrase of sixty-four characters, counted by nobody!"


async def sign_up(page: AsyncClient, mailbox: Mailbox, password: str, email: str = ADA) -> Response:
    assert (await page.post("/api/auth/signup", json={"email": email})).status_code == 202
    body = {"token": await mailed_token(mailbox), "password": password}
    return await page.post("/api/auth/confirm", json=body)


async def change(page: AsyncClient, current: str, new: str) -> Response:
    return await page.put("/api/me/password", json={"current": current, "new": new})


async def test_6_2_1_and_6_2_9_twelve_and_many_characters(
    page: AsyncClient, mailbox: Mailbox
) -> None:
    assert len(LONG) == 64
    assert (await sign_up(page, mailbox, "tz4 Q!x9 mk")).status_code == 422
    for password in (LONG, LONG * 4, "tz4 Q!x9 mkw"):
        token = await mailed_token_again(page, mailbox)
        body = {"token": token, "password": password}
        assert (await page.post("/api/auth/reset/confirm", json=body)).status_code == 204
        assert (await log_in(page, password=password)).status_code == 200
        assert (await log_in(page, password=password[:-1])).status_code == 401  # not truncated
    assert (await change(page, "tz4 Q!x9 mkw", LONG * 4 + "!")).status_code == 422


async def mailed_token_again(page: AsyncClient, mailbox: Mailbox) -> str:
    """Store the user if there is none yet, and return the token of a reset."""
    async with transaction() as session:
        user = await session.get_one(User, (await user_of()).id)
        user.confirmed_at = user.confirmed_at or user.created_at
    await page.post("/api/auth/reset", json={"email": ADA})
    return await mailed_token(mailbox)


async def test_6_2_2_and_6_2_3_a_change_needs_the_current_password(page: AsyncClient) -> None:
    await stored()
    await log_in(page)
    refused = await change(page, WRONG, NEW_PASSWORD)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:problem:wrong-password")
    missing = await page.put("/api/me/password", json={"new": NEW_PASSWORD})
    assert missing.status_code == 422
    assert (await log_in(page)).status_code == 200
    assert (await change(page, PASSWORD, NEW_PASSWORD)).status_code == 204
    assert (await log_in(page)).status_code == 401
    assert (await log_in(page, password=NEW_PASSWORD)).status_code == 200


async def test_6_2_4_common_passwords_are_refused(page: AsyncClient) -> None:
    await stored()
    await log_in(page)
    for common in ("password1234", "123456789012", "qwertyuiop12", "iloveyou1234", "Passw0rd2026"):
        answer = await change(page, PASSWORD, common)
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:problem:weak-password")
        assert common not in answer.text


@pytest.mark.parametrize(
    "password",
    [
        "  two spaces at both ends  ",
        "nur kleine buchstaben hier",
        "Пароль без единой латинской буквы",
        "e\u0301\u212b\ufb01 forms that differ when normalized",
        "\U0001f6f6\u200d\u2640\ufe0f\U0001f3bb\U0001f9ed\U0001f6f6\U0001f3bb\U0001f9ed\U0001f95d x",
    ],
)
async def test_6_2_5_and_6_2_8_any_characters_verified_as_received(
    page: AsyncClient, mailbox: Mailbox, password: str
) -> None:
    assert (await sign_up(page, mailbox, password)).status_code == 204
    assert (await log_in(page, password=password)).status_code == 200
    for other in (password.strip() + "!", password.swapcase(), password.encode().hex()):
        assert (await log_in(page, password=other)).status_code == 401


async def test_6_2_8_forms_that_look_the_same_are_other_passwords(page: AsyncClient) -> None:
    await stored()
    await log_in(page)
    assert (await change(page, PASSWORD, "caf\u00e9 canoe harbour 47")).status_code == 204
    assert (await log_in(page, password="cafe\u0301 canoe harbour 47")).status_code == 401
    assert (await log_in(page, password=" caf\u00e9 canoe harbour 47")).status_code == 401
    assert (await log_in(page, password="caf\u00e9 canoe harbour 47")).status_code == 200


async def test_6_2_10_passwords_do_not_expire(page: AsyncClient, clock: Clock) -> None:
    await stored()
    clock.later(days=4000)
    assert (await log_in(page)).status_code == 200


@pytest.mark.parametrize(
    "password",
    ["ada.lovelace@example.org", "ada.lovelace", "lovelace.lovelace", "My Service my service"],
)
async def test_6_2_11_words_of_the_context_are_refused(page: AsyncClient, password: str) -> None:
    await stored("ada.lovelace@example.org")
    await log_in(page, "ada.lovelace@example.org")
    assert (await change(page, PASSWORD, password)).status_code == 422


async def test_6_3_1_the_eleventh_try_is_refused(
    app: FastAPI, page: AsyncClient, clock: Clock
) -> None:
    await stored()
    await stored("grace@example.org")
    for address in (ADA, "nobody@example.org"):
        statuses = [(await log_in(page, address, WRONG)).status_code for _ in range(11)]
        assert statuses == [401] * 10 + [429]
    refused = await log_in(page)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 15 * 60 + 1
    assert (await log_in(page, "grace@example.org")).status_code == 200
    async with browser(app, ip="198.51.100.9") as elsewhere:
        assert (await log_in(elsewhere)).status_code == 429
        clock.later(seconds=int(refused.headers["Retry-After"]))
        assert (await log_in(elsewhere)).status_code == 200


async def test_6_3_1_a_known_device_is_not_locked_out(
    app: FastAPI, page: AsyncClient, isolated: None, clock: Clock
) -> None:
    await stored()
    await stored("eve@example.org")
    await log_in(page)
    async with browser(app, ip="198.51.100.9") as attacker:
        await log_in(attacker, "eve@example.org")  # this device knows another account
        tries = [(await log_in(attacker, ADA, WRONG)).status_code for _ in range(11)]
        assert tries == [401] * 10 + [429]
    assert (await log_in(page)).status_code == 200
    statuses = [(await log_in(page, password=WRONG)).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]  # a limit of its own


async def test_6_3_1_an_address_of_the_network_tries_a_hundred_times(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, isolated: None, clock: Clock
) -> None:
    from my_service.core.auth import login

    monkeypatch.setattr(login, "PER_NETWORK", limits.Limit("3/15 minutes"))

    async def tries(ip: str) -> int:
        async with browser(app, ip=ip) as client:
            tried.append(ip)
            return (await log_in(client, f"{len(tried)}@example.org", WRONG)).status_code

    tried: list[str] = []
    same = ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::3", "2001:db8::1"]
    assert [await tries(ip) for ip in same] == [401, 401, 401, 429]
    assert await tries("2001:db8:0:1::1") == 401
    assert [await tries("192.0.2.1") for _ in range(3)] == [401] * 3
    assert await tries("::ffff:192.0.2.1") == 429
    assert await tries("192.0.2.2") == 401


async def test_6_3_2_no_account_exists_by_default(isolated: None) -> None:
    async with transaction(read_only=True) as session:
        assert await Users(session).count() == 0


class Users(Repository[User]):
    model = User


async def test_6_3_7_the_user_learns_of_changes(page: AsyncClient, mailbox: Mailbox) -> None:
    user = await stored()
    await log_in(page)
    assert (await page.post("/api/me/tokens", json={"name": "ci"})).status_code == 201
    assert (await change(page, PASSWORD, NEW_PASSWORD)).status_code == 204
    await run_jobs()
    assert subjects(mailbox) == [(ADA, "Your account")] * 2
    answer = await page.put("/api/me/email", json={"email": "countess@example.org"})
    assert answer.status_code == 202
    token = await mailed_token(mailbox)
    assert subjects(mailbox)[0] == ("countess@example.org", "Confirm your new address")
    done = await page.post("/api/auth/email/confirm", json={"token": token})
    assert done.status_code == 204
    await run_jobs()
    assert subjects(mailbox)[0] == (ADA, "Your account")
    assert (await user_of("countess@example.org")).id == user.id


ACCOUNTS: dict[str, dict[str, Any]] = {
    "unknown@example.org": {},
    "wrong@example.org": {"is_active": True},
    "unconfirmed@example.org": {"confirmed_at": None},
    "no-password@example.org": {"password_hash": None},
    "inactive@example.org": {"is_active": False},
}


async def test_6_3_8_login_says_nothing_about_accounts(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, isolated: None
) -> None:
    """Status, body, headers, hashes and statements are the same."""
    seen: list[Any] = []
    for email, columns in ACCOUNTS.items():
        if columns:
            await stored(email, **columns)
        password = WRONG if email.startswith("wrong") else PASSWORD
        async with browser(app) as client:
            await log_in(client, email, password)  # statements are compiled at their first use
            with counted(monkeypatch) as cost:
                answer = await log_in(client, email, password)
        assert answer.status_code == 401
        assert cost.hashes == 1
        seen.append((without_id(answer), cost.statements))
    assert all(each == seen[0] for each in seen)


def without_id(answer: Response) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, body and headers without what belongs to one request."""
    body: Any = answer.json()  # null, or a problem
    headers = {name: text for name, text in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, {**(body or {}), "request_id": ""}, headers


@pytest.mark.parametrize("path", ["/api/auth/signup", "/api/auth/reset"])
async def test_6_3_8_mails_say_nothing_about_accounts(
    page: AsyncClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    seen: list[Any] = []
    for email, columns in ACCOUNTS.items():
        if columns:
            await stored(email, **columns)
        await page.post(path, json={"email": f"first-{email}"})
        with counted(monkeypatch) as cost:
            answer = await page.post(path, json={"email": email})
        assert (answer.status_code, cost.hashes) == (202, 0)
        seen.append((without_id(answer), cost.statements))
    assert all(each == seen[0] for each in seen)


async def test_6_3_8_a_new_address_says_nothing_about_accounts(
    page: AsyncClient, mailbox: Mailbox
) -> None:
    await stored()
    await stored("grace@example.org")
    await log_in(page)
    answers = [
        without_id(await page.put("/api/me/email", json={"email": email}))
        for email in ("grace@example.org", "free@example.org")
    ]
    assert answers[0] == answers[1]
    await run_jobs()
    assert subjects(mailbox) == [("free@example.org", "Confirm your new address")]


async def test_6_4_6_staff_do_not_choose_passwords(app: FastAPI, page: AsyncClient) -> None:
    ada, root = await stored(), await stored("root@example.org", is_superuser=True)
    headers = await bearer(root)
    for body in ({"password": NEW_PASSWORD}, {"password_hash": "x"}, {"email": "eve@example.org"}):
        answer = await page.patch(f"/api/users/{ada.id}", json=body, headers=headers)
        assert answer.status_code == 422
    assert (await log_in(page)).status_code == 200


async def test_6_5_5_links_to_reset_live_ten_minutes(
    page: AsyncClient, mailbox: Mailbox, clock: Clock
) -> None:
    await stored()
    await page.post("/api/auth/reset", json={"email": ADA})
    body = {"token": await mailed_token(mailbox), "password": NEW_PASSWORD}
    clock.later(minutes=10)
    assert (await page.post("/api/auth/reset/confirm", json=body)).status_code == 400
    clock.later(seconds=-1)
    assert (await page.post("/api/auth/reset/confirm", json=body)).status_code == 204


async def test_6_5_5_links_to_confirm_live_a_day(
    page: AsyncClient, mailbox: Mailbox, clock: Clock
) -> None:
    await page.post("/api/auth/signup", json={"email": ADA})
    body = {"token": await mailed_token(mailbox), "password": PASSWORD}
    clock.later(hours=24)
    assert (await page.post("/api/auth/confirm", json=body)).status_code == 400
    clock.later(seconds=-1)
    assert (await page.post("/api/auth/confirm", json=body)).status_code == 204


def test_11_4_2_passwords_are_hashed_with_owasps_parameters() -> None:
    """So is the password of nobody, so that a login takes as long without an account."""
    served = runpy.run_path(passwords.__file__)  # tests have replaced its hasher by a quick one
    owasp = Parameters(
        Type.ID,
        version=19,
        salt_len=16,
        hash_len=32,
        time_cost=2,
        memory_cost=19_456,
        parallelism=1,
    )
    assert extract_parameters(served["hasher"].hash(PASSWORD)) == owasp
    assert extract_parameters(served["NOBODY"]) == owasp
