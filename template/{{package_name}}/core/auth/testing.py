# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Logs in users in tests."""

from datetime import timedelta

from httpx import AsyncClient

from .models import BaseUser, TokenKind
from .tokens import issue


async def login_as(client: AsyncClient, user: BaseUser) -> None:
    """Let a client send the bearer token of a new session, as after a login a moment ago.

    Args:
        user: stored, active and confirmed.
    """
    _, token = await issue(user.id, TokenKind.SESSION, timedelta(hours=1))
    client.headers["Authorization"] = f"Bearer {token}"
