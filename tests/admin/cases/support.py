"""Staff, their browsers, and the forms of the admin."""

import json
import re
from asyncio import create_task
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from contextvars import Context
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Request, Response
from sqlalchemy import select

from my_service.apps.blog.models import Category, Post
from my_service.apps.users.models import User
from my_service.core.admin import AuditEntry
from my_service.core.auth import TokenKind, UserPermission, issue
from my_service.core.auth.testing import make_user
from my_service.core.db import transaction

OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
ELSEWHERE = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}


class Transport(ASGITransport):
    """Serves each request in its own task, as a server does."""

    async def handle_async_request(self, request: Request) -> Response:
        return await create_task(super().handle_async_request(request), context=Context())


@asynccontextmanager
async def browser(
    app: FastAPI, user: User | None = None, *, raises: bool = False
) -> AsyncGenerator[AsyncClient]:
    """A browser that is logged in as a user."""
    transport = Transport(app, raise_app_exceptions=raises, client=("203.0.113.7", 50_000))
    async with AsyncClient(
        transport=transport, base_url="https://localhost", headers=OWN_PAGE
    ) as client:
        if user is not None:
            _, token = await issue(user.id, TokenKind.SESSION, timedelta(hours=1))
            client.cookies.set("__Host-session", token, domain="localhost.local", path="/")
            client.headers["Cookie"] = f"__Host-session={token}"
        yield client


async def staff(*permissions: str, **columns: Any) -> User:
    """A member of staff with permissions."""
    user: User = await make_user(is_staff=True, **columns)
    async with transaction() as session:
        session.add_all(UserPermission(user_id=user.id, permission=name) for name in permissions)
    return user


async def superuser() -> User:
    user: User = await make_user(is_staff=True, is_superuser=True)
    return user


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of a page."""
    for tag in re.findall(r"<input[^>]*>", page):
        if f'name="{name}"' in tag:
            found = re.search(r'value="([^"]*)"', tag)
            return unescape(found[1]) if found else ""
    raise AssertionError(f"no field {name!r}")


async def csrf(client: AsyncClient) -> str:
    """The token of the admin's forms; the client then has its cookie."""
    page = await client.get("/admin/login")
    value = client.cookies.get("starlette_admin_csrftoken") or ""
    client.headers["Cookie"] = "; ".join(
        part
        for part in (client.headers.get("Cookie", ""), f"starlette_admin_csrftoken={value}")
        if part
    )
    client.headers["X-CSRFToken"] = value
    assert page.status_code == 200
    return value


async def submit(client: AsyncClient, url: str, **fields: Any) -> Response:
    """Open a form, and submit it with some fields changed."""
    page = await client.get(url)
    assert page.status_code == 200, page.text
    values = {"_seen": hidden(page.text, "_seen")} if "/edit" in url else {}
    return await client.post(url, data={**values, **fields})


async def stored_post(author: User, **columns: Any) -> Post:
    values = {"title": "A title", "body": "text", "slug": "a-title", **columns}
    async with transaction() as session:
        session.add(post := Post(author_id=author.id, **values))
        await session.flush()
        return post


async def stored_category(**columns: Any) -> Category:
    async with transaction() as session:
        session.add(category := Category(**{"name": "News", "slug": "news", **columns}))
        await session.flush()
        return category


async def audit() -> list[AuditEntry]:
    async with transaction(read_only=True) as session:
        rows = await session.scalars(select(AuditEntry).order_by(AuditEntry.created_at))
        return [*rows]


class Form(HTMLParser):
    """What a browser would submit from a page's form if nothing in it is changed."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.fields: dict[str, Any] = {}
        self._select = self._textarea = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        name = values.get("name") or ""
        if tag == "input" and name and values.get("type") == "checkbox":
            if "checked" in values:
                self.fields[name] = "on"
        elif tag == "input" and name:
            self.fields[name] = values.get("value") or ""
        elif tag == "textarea":
            self._textarea = name
            self.fields[name] = ""
        elif tag == "select" and name:
            self._select = name
            chosen = json.loads(unescape(values.get("data-initial") or "[]"))
            if chosen:
                self.fields[name] = chosen if "multiple" in values else chosen[0]
        elif tag == "option" and self._select and "selected" in values:
            self.fields[self._select] = values["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.fields[self._textarea] = self.fields[self._textarea].removeprefix("\n")
            self._textarea = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.fields[self._textarea] += data
