"""People, their browsers, their mails, and a clock."""

import re
from asyncio import create_task
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from contextvars import Context
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Request, Response
from sqlalchemy import select

from my_service.apps.users.models import User
from my_service.core.auth import TokenKind, access, events, issue, limits, login, passwords, tokens
from my_service.core.db import Statement, on_statement, transaction, utc_now
from my_service.core.jobs.testing import run_jobs
from my_service.core.mail import Mailbox

PASSWORD = "violet canoe harbour 47"
NEW_PASSWORD = "amber lantern orchard 83"
WRONG = "another sentence nobody chose"
ADA = "ada@example.org"
HASH = passwords.new_hash(PASSWORD)
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}


async def stored(email: str = ADA, **columns: Any) -> User:
    """Store a confirmed user with PASSWORD."""
    values: dict[str, Any] = {"password_hash": HASH, "confirmed_at": utc_now(), **columns}
    async with transaction() as session:
        session.add(user := User(email=email, **values))
        await session.flush()
        return user


async def user_of(email: str = ADA) -> User:
    async with transaction(read_only=True) as session:
        return (await session.scalars(select(User).where(User.email == email))).one()


class Transport(ASGITransport):
    """Serves each request in its own task, as a server does."""

    async def handle_async_request(self, request: Request) -> Response:
        return await create_task(super().handle_async_request(request), context=Context())


@asynccontextmanager
async def browser(app: FastAPI, *, ip: str = "203.0.113.7") -> AsyncGenerator[AsyncClient]:
    """A browser on a page of the service: it keeps cookies, and says where requests come from."""
    transport = Transport(app, raise_app_exceptions=False, client=(ip, 50_000))
    async with AsyncClient(
        transport=transport, base_url="https://localhost", headers=OWN_PAGE
    ) as client:
        yield client


async def log_in(
    client: AsyncClient, email: str = ADA, password: str = PASSWORD, **more: Any
) -> Response:
    body = {"email": email, "password": password, **more}
    return await client.post("/api/auth/login", json=body)


async def bearer(user: User, kind: TokenKind = TokenKind.SESSION) -> dict[str, str]:
    """The header of a new token of a user."""
    _, token = await issue(user.id, kind, timedelta(hours=1), sent_to=user.email, name="deployment")
    return {"Authorization": f"Bearer {token}"}


async def cookie_of(user: User) -> dict[str, str]:
    """The header of a browser with a new session of a user."""
    return {"Cookie": f"__Host-session={(await bearer(user))['Authorization'][7:]}"}


async def mailed_token(mailbox: Mailbox) -> str:
    """Run the jobs, and return the token of the newest mail's link."""
    await run_jobs()
    text = str(mailbox.messages()[0].get_content())
    found = re.search(r"#token=([\w-]+)", text)
    assert found is not None, text
    return found[1]


def subjects(mailbox: Mailbox) -> list[tuple[str, str]]:
    """The recipient and the subject of each mail, the newest first."""
    return [(str(mail["To"]), str(mail["Subject"])) for mail in mailbox.messages()]


class Cost:
    """What some code has cost: passwords hashed, and the statements without their values."""

    def __init__(self) -> None:
        self.hashes = 0
        self.statements: list[str] = []


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Generator[Cost]:
    """Count hashes and statements in the block."""
    cost = Cost()
    in_thread = passwords.in_thread

    async def counting(work: Any) -> Any:
        cost.hashes += 1
        return await in_thread(work)

    def add(statement: Statement) -> None:
        if not statement.sql.upper().startswith(("SAVEPOINT", "RELEASE", "ROLLBACK TO")):
            cost.statements.append(statement.sql)

    remove = on_statement(add)
    with monkeypatch.context() as patch:
        patch.setattr(passwords, "in_thread", counting)
        patch.setattr(login, "in_thread", counting)
        yield cost
    remove()


class Clock:
    """The time that users and access see: `later` moves it on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = utc_now()
        for module in (access, events, limits, tokens):
            monkeypatch.setattr(module, "utc_now", self.read)

    def read(self) -> datetime:
        return self.now

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)
