# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Users for tests, and clients that are logged in."""

from datetime import timedelta
from secrets import token_hex
from typing import Any

from httpx import AsyncClient

from ..db import transaction, utc_now
from .models import BaseUser, TokenKind
from .passwords import new_hash
from .tokens import issue
from .users import user_model


async def make_user(*, password: str | None = None, **fields: Any) -> Any:
    """Store a user and return it: active, confirmed, and with an address that no other has.

    Args:
        password: by default the user has none.
        fields: attributes of User; they take precedence.
    """
    values = {
        "email": f"user-{token_hex(6)}@example.org",
        "confirmed_at": utc_now(),
        "password_hash": new_hash(password) if password else None,
    }
    user = user_model()(**values | fields)
    async with transaction() as session:
        session.add(user)
    return user


async def login_as(client: AsyncClient, user: BaseUser) -> None:
    """Let a client send the bearer token of a new session, as after a login a moment ago.

    Args:
        user: stored, active and confirmed.
    """
    _, token = await issue(user.id, TokenKind.SESSION, timedelta(hours=1))
    client.headers["Authorization"] = f"Bearer {token}"
