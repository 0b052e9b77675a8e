"""Accounts as `manage.py` changes them, and what is deleted every night."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from httpx import AsyncClient
from sqlalchemy import select
from support import ADA, NEW_PASSWORD, PASSWORD, bearer, log_in, stored, user_of

from my_service.core.auth import SecurityEvent, Token, TokenKind, WeakPassword, issue
from my_service.core.auth.models import RateLimit
from my_service.core.auth.tasks import clear, clear_tokens
from my_service.core.db import transaction, utc_now
from my_service.core.jobs import run_jobs
from my_service.core.management import accounts
from my_service.core.management.errors import CommandError
from my_service.settings import settings


@pytest.mark.parametrize(("staff", "superuser"), [(False, False), (True, False), (False, True)])
async def test_a_created_user_can_log_in(page: AsyncClient, staff: bool, superuser: bool) -> None:
    created = await accounts.create_user(
        " Ada@Example.org", PASSWORD, staff=staff, superuser=superuser
    )
    assert created == ADA
    user = await user_of()
    assert (user.is_staff, user.is_superuser) == (staff or superuser, superuser)
    assert (await log_in(page)).status_code == 200


async def create(email: str) -> None:
    await accounts.create_user(email, PASSWORD, staff=False, superuser=False)


async def change(email: str) -> None:
    await accounts.set_password(email, NEW_PASSWORD)


@pytest.mark.parametrize(
    ("command", "email", "message"),
    [
        (
            create,
            "ADA@example.org",
            "ada@example.org already has an account. Change its password: manage.py changepassword.",
        ),
        (create, "ada", "'ada' is not an email address. Use one like ada@example.org."),
        (
            change,
            "eve@example.org",
            "no user has the address eve@example.org. Check it, or use createuser.",
        ),
        (
            accounts.end_sessions,
            "eve@example.org",
            "no user has the address eve@example.org. Check it, or use createuser.",
        ),
    ],
)
async def test_a_wrong_address_is_explained(
    isolated: None, command: Callable[[str], Awaitable[None]], email: str, message: str
) -> None:
    await stored()
    with pytest.raises(CommandError) as refused:
        await command(email)
    assert refused.value.message == message


async def test_a_weak_password_creates_and_changes_nothing(page: AsyncClient) -> None:
    await stored()
    with pytest.raises(WeakPassword, match="422"):
        await accounts.set_password(ADA, "short")
    with pytest.raises(WeakPassword):
        await accounts.create_user("eve@example.org", "short", staff=False, superuser=False)
    assert (await log_in(page)).status_code == 200


async def test_a_changed_password_ends_everything_and_confirms(page: AsyncClient) -> None:
    user = await stored(confirmed_at=None)
    tokens = [await bearer(user, kind) for kind in (TokenKind.SESSION, TokenKind.API)]
    await accounts.set_password(ADA, NEW_PASSWORD)
    for headers in tokens:
        assert (await page.get("/api/me", headers=headers)).status_code == 401
    assert (await log_in(page)).status_code == 401
    assert (await log_in(page, password=NEW_PASSWORD)).status_code == 200


async def test_sessions_of_one_or_of_all_users_are_ended(page: AsyncClient) -> None:
    ada, eve = await bearer(await stored()), await bearer(await stored("eve@example.org"))

    async def statuses() -> list[int]:
        return [(await page.get("/api/me", headers=who)).status_code for who in (ada, eve)]

    await accounts.end_sessions(ADA)
    assert await statuses() == [401, 200]
    await accounts.end_all_sessions()
    assert await statuses() == [401, 401]


async def test_what_has_expired_is_deleted_every_night(isolated: None) -> None:
    user, now = await stored(), utc_now()
    second, day = timedelta(seconds=1), timedelta(days=1)
    oldest = now - timedelta(days=settings.auth_event_days)
    await issue(user.id, TokenKind.SESSION, -second)
    key, _ = await issue(user.id, TokenKind.SESSION, day)
    async with transaction() as session:
        for name, end, created in (("old", -second, oldest - day), ("new", day, oldest + day)):
            session.add(RateLimit(key=name, count=1, expires_at=now + end))
            session.add(SecurityEvent(kind=name, created_at=created, user_id=None))
        await clear_tokens.enqueue(session)
    assert await run_jobs() == 1
    assert clear_tokens.schedule == "17 3 * * *"
    async with transaction(read_only=True) as session:
        assert list(await session.scalars(select(RateLimit.key))) == ["new"]
        assert list(await session.scalars(select(SecurityEvent.kind))) == ["new"]
        assert list(await session.scalars(select(Token.id))) == [key]
    assert await clear() == 0
