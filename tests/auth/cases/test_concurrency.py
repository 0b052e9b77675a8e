"""Fifty requests at once: one wins, the others are refused, and none fails."""

from asyncio import gather
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from sqlalchemy import func, select
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
    user_of,
)

from my_service.apps.users import service, tasks
from my_service.apps.users.models import User
from my_service.core.auth import limits, login
from my_service.core.db import transaction
from my_service.core.jobs.testing import run_jobs
from my_service.core.mail import Mailbox

pytestmark = pytest.mark.commits

MANY = 50
PLENTY = limits.Limit("10000/day")


@pytest.fixture
async def page(isolated: None, app: FastAPI) -> AsyncGenerator[AsyncClient]:
    """A browser; its requests run at once, each with a connection and a transaction."""
    async with browser(app) as client:
        yield client


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let fifty attempts pass the limits."""
    monkeypatch.setattr(login, "PER_ADDRESS", PLENTY)
    monkeypatch.setattr(login, "PER_NETWORK", PLENTY)
    monkeypatch.setattr(service, "PASSWORD_CHANGES", PLENTY)


async def statuses(*requests: Awaitable[Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in await gather(*requests))


async def test_fifty_sign_ups_make_one_user(
    page: AsyncClient, mailbox: Mailbox, clock: Clock
) -> None:
    spellings = [ADA, "ADA@example.org", " Ada@Example.Org "]
    answers = await statuses(
        *(
            page.post("/api/auth/signup", json={"email": spellings[number % 3]})
            for number in range(MANY)
        )
    )
    assert answers == {202: 5, 429: MANY - 5}
    assert await run_jobs() == 5
    assert len(mailbox.messages()) == 5
    assert await users() == 1


async def users() -> int | None:
    async with transaction(read_only=True) as session:
        return await session.scalar(select(func.count()).select_from(User))


async def test_fifty_jobs_make_one_user(isolated: None) -> None:
    created = await gather(*(tasks.create(ADA) for _ in range(15)))
    assert len({user.id for user in created}) == 1
    assert await users() == 1


async def test_a_link_to_confirm_is_used_once(page: AsyncClient, mailbox: Mailbox) -> None:
    await page.post("/api/auth/signup", json={"email": ADA})
    token = await mailed_token(mailbox)
    bodies = [{"token": token, "password": f"{NEW_PASSWORD} {number}"} for number in range(MANY)]
    answers = await gather(*(page.post("/api/auth/confirm", json=body) for body in bodies))
    assert Counter(answer.status_code for answer in answers) == {204: 1, 400: MANY - 1}
    [winner] = [
        body for body, answer in zip(bodies, answers, strict=True) if answer.status_code == 204
    ]
    assert (await log_in(page, password=winner["password"])).status_code == 200


async def test_a_link_to_reset_is_used_once(page: AsyncClient, mailbox: Mailbox) -> None:
    await stored()
    await page.post("/api/auth/reset", json={"email": ADA})
    body = {"token": await mailed_token(mailbox), "password": NEW_PASSWORD}
    answers = await statuses(
        *(page.post("/api/auth/reset/confirm", json=body) for _ in range(MANY))
    )
    assert answers == {204: 1, 400: MANY - 1}


async def test_a_link_to_a_new_address_is_used_once(page: AsyncClient, mailbox: Mailbox) -> None:
    headers = await bearer(await stored())
    await page.put("/api/me/email", json={"email": "new@example.org"}, headers=headers)
    body = {"token": await mailed_token(mailbox)}
    answers = await statuses(
        *(page.post("/api/auth/email/confirm", json=body) for _ in range(MANY))
    )
    assert answers == {204: 1, 400: MANY - 1}


async def test_one_of_fifty_new_passwords_is_set(page: AsyncClient, unlimited: None) -> None:
    user = await stored()
    own, other = await bearer(user), await bearer(user)
    news = [f"{NEW_PASSWORD} {number}" for number in range(MANY)]
    answers = await gather(
        *(
            page.put("/api/me/password", json={"current": PASSWORD, "new": new}, headers=own)
            for new in news
        )
    )
    found = Counter(answer.status_code for answer in answers)
    assert found[204] == 1
    assert found[403] + found[409] == MANY - 1
    assert (await page.get("/api/me", headers=own)).status_code == 200
    assert (await page.get("/api/me", headers=other)).status_code == 401


async def test_fifty_attempts_are_counted_exactly(page: AsyncClient, clock: Clock) -> None:
    await stored()
    answers = await statuses(*(log_in(page, password=WRONG, bearer=True) for _ in range(MANY)))
    assert answers == {401: 10, 429: MANY - 10}


async def test_fifty_logins_with_old_cookies_succeed(page: AsyncClient, unlimited: None) -> None:
    await stored()

    def attempt(number: int) -> Awaitable[Response]:
        body = {"email": ADA, "password": PASSWORD}
        cookie = {"Cookie": f"__Host-session=expired{number}"}
        return page.post("/api/auth/login", json=body, headers=cookie)

    assert await statuses(*map(attempt, range(MANY))) == {200: MANY}


async def test_no_login_outlives_a_change_of_the_password(
    page: AsyncClient, unlimited: None
) -> None:
    own = await bearer(await stored())
    body = {"current": PASSWORD, "new": NEW_PASSWORD}
    changed, *answers = await gather(
        page.put("/api/me/password", json=body, headers=own),
        *(log_in(page, bearer=True) for _ in range(20)),
    )
    assert changed.status_code == 204
    assert {answer.status_code for answer in answers} <= {200, 401}
    for answer in answers:
        headers = {"Authorization": f"Bearer {answer.json().get('token')}"}
        assert (await page.get("/api/me", headers=headers)).status_code == 401


async def test_no_token_outlives_a_reset(page: AsyncClient, mailbox: Mailbox) -> None:
    own = await bearer(await stored())
    await page.post("/api/auth/reset", json={"email": ADA})
    body = {"token": await mailed_token(mailbox), "password": NEW_PASSWORD}

    async def create_tokens() -> list[Response]:
        """Until the session ends."""
        made: list[Response] = []
        while not made or made[-1].status_code == 201:
            made.append(await page.post("/api/me/tokens", json={"name": "x"}, headers=own))
        return made

    reset, *made = await gather(
        page.post("/api/auth/reset/confirm", json=body), *(create_tokens() for _ in range(5))
    )
    assert isinstance(reset, Response)
    assert reset.status_code == 204
    for answers in made:
        assert isinstance(answers, list)
        assert answers[-1].status_code == 401
        for answer in answers[:-1]:
            headers = {"Authorization": f"Bearer {answer.json()['token']}"}
            assert (await page.get("/api/me", headers=headers)).status_code == 401


async def test_two_superusers_cannot_remove_each_other(page: AsyncClient) -> None:
    for number in range(5):
        names = [f"{name}{number}@example.org" for name in ("ada", "grace")]
        ada, grace = [await stored(name, is_superuser=True) for name in names]
        await gather(*(demote(page, by, whom) for by, whom in ((ada, grace), (grace, ada))))
        left = [name for name in names if (await user_of(name)).is_superuser]
        assert len(left) == 1
        async with transaction() as session:
            (await session.get_one(User, (await user_of(left[0])).id)).is_superuser = False


async def demote(page: AsyncClient, by: User, whom: User) -> None:
    body: dict[str, Any] = {"is_superuser": False}
    headers = await bearer(by)
    answer = await page.patch(f"/api/users/{whom.id}", json=body, headers=headers)
    assert answer.status_code in (200, 403, 409)
