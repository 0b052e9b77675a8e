# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Who calls a route: dependencies that find the user of a session cookie or a bearer token."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, Generic, NoReturn, TypeVar, get_type_hints
from uuid import UUID

from fastapi import Depends, HTTPException
from sqlalchemy import bindparam, inspect, or_, select
from starlette.requests import HTTPConnection

from ...settings import settings
from ..db import Key, NotFound, on_primary, prepare, utc_now
from ..db.mapping import is_column
from ..web import Schema
from .cookies import session_token
from .models import Token, TokenKind
from .origins import is_unsafe, refuse_other_origins
from .permissions import has_permission
from .tokens import change_token, digest, login_required
from .users import user_model

SEEN_EVERY = timedelta(hours=1)  # a session's last use is stored at most so often
PERMISSION = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*){2}")

# What an identity has of its token, also where User has a column of that name.
OF_TOKEN: dict[str, Any] = {
    "token_id": Token.id,
    "token_kind": Token.kind,
    "authenticated_at": Token.authenticated_at,
    "seen_at": Token.seen_at,
    "logged_in_at": Token.created_at,
}

Dependency = Callable[..., Awaitable[Any]]

# What each dependency asks of the caller, for OpenAPI, `manage.py routes` and `check`.
asks: dict[Callable[..., Any], str] = {}


class Identity(Schema):
    """The user of a request, and the token that the request carries."""

    id: Key
    email: str
    is_staff: bool
    is_superuser: bool
    token_id: UUID
    token_kind: TokenKind
    authenticated_at: datetime | None
    seen_at: datetime
    logged_in_at: datetime


Who = TypeVar("Who", bound=Identity)


class Access(Generic[Who]):
    """The dependencies of a project, for its class of identities.

    Args:
        into: `Identity`, or a subclass with further columns of User, which are read with it.

    Attributes:
        optional: the user, or None for an anonymous caller.
        user: the user, or else 401.
        staff: the user with `is_staff`, or else 403.
        recent: the user who has given the password within the last minutes, or else 403.
    """

    def __init__(self, into: type[Who]) -> None:
        user_of = user_model()
        own = (name for name in get_type_hints(into) if is_column(inspect(user_of), name))
        of_user = (getattr(user_of, name) for name in own if name not in OF_TOKEN)
        of_token = (column.label(name) for name, column in OF_TOKEN.items())
        self._find = prepare(
            select(*of_user, *of_token)
            .join(Token, Token.user_id == user_of.id)
            .where(
                Token.hash == bindparam("hash"),
                or_(Token.kind == TokenKind.SESSION, Token.kind == TokenKind.API),  # not IN: faster
                Token.expires_at > bindparam("now"),
                user_of.is_active,
            ),
            into,
            primary=True,
        )

        # One dependency that reads the request itself: each that FastAPI solves costs 13 µs.
        async def optional(connection: HTTPConnection) -> Who | None:
            scheme, _, token = connection.headers.get("authorization", "").partition(" ")
            if token and scheme.lower() == "bearer":
                who: Who | None = await self.find(token.strip()) or login_required()
            elif cookie := session_token(connection):
                if is_unsafe(connection):
                    refuse_other_origins(connection)
                who = await self.find(cookie)
            else:
                return None
            connection.state.user_id = who and who.id  # whose idempotency keys these are
            return who

        async def user(connection: HTTPConnection) -> Identity:
            return await optional(connection) or login_required()

        async def staff(who: Annotated[Identity, Depends(user)]) -> Identity:
            return who if who.is_staff or who.is_superuser else not_permitted("a member of staff")

        async def recent(who: Annotated[Identity, Depends(user)]) -> Identity:
            minutes = timedelta(minutes=settings.auth_recent_minutes)
            if who.authenticated_at is None or who.authenticated_at < utc_now() - minutes:
                members = {
                    "type": "urn:problem:reauthentication-required",
                    "title": "Recent login required",
                    "detail": f"Log in again: this needs a login within {minutes}.",
                }
                raise HTTPException(403, members)
            return who

        self.optional, self.user, self.staff, self.recent = optional, user, staff, recent
        asks.update({optional: "optional login", user: "login", staff: "staff"})
        asks[recent] = "recent login"

    async def find(self, token: str) -> Who | None:
        """Return the user of a valid token, and prolong its session."""
        now = utc_now()
        try:
            who = await self._find.one(hash=digest(token), now=now)
        except NotFound:
            return None
        if now - who.seen_at > SEEN_EVERY:
            await self.prolong(who, now)
        return who

    async def prolong(self, who: Who, now: datetime) -> None:
        """Store that a token is in use. A session expires some days later, but never after its last."""
        changes: dict[str, Any] = {"seen_at": now}
        if who.token_kind is TokenKind.SESSION:
            last = who.logged_in_at + timedelta(days=settings.auth_session_days)
            changes["expires_at"] = min(last, now + timedelta(days=settings.auth_idle_days))
        try:
            with on_primary():
                await change_token.one(who.token_id, changes)
        except NotFound:  # it has just been revoked
            login_required()

    def requires(self, permission: str) -> Dependency:
        """Return a dependency: the user who has a permission, such as "shop.product.change".

        Superusers have all permissions; others by `UserPermission` or by a group. The last word is
        view, add, change or delete, as in the admin, or one of your own.

        Raises:
            ValueError: the text is not three words, joined by dots.
        """
        if not PERMISSION.fullmatch(permission):
            raise ValueError(
                f"{permission!r} is not a permission; use one like 'shop.product.change'"
            )

        async def permitted(who: Annotated[Identity, Depends(self.user)]) -> Identity:
            if not await has_permission(who, permission):
                not_permitted(f"the permission {permission!r}")
            return who

        asks[permitted] = permission
        return permitted


def not_permitted(needed: str) -> NoReturn:
    members = {
        "type": "urn:problem:forbidden",
        "title": "Not permitted",
        "detail": f"This needs {needed}.",
    }
    raise HTTPException(403, members)
