# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Tokens: 256 random bits, of which only the SHA-256 is stored.

A token of a mail is used once: whoever deletes its row first has used it.
"""

from datetime import timedelta
from functools import cache
from hashlib import sha256
from secrets import token_urlsafe
from typing import NoReturn
from uuid import UUID

from fastapi import HTTPException
from sqlalchemy import bindparam, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from ...settings import settings
from ..db import (
    Key,
    NotFound,
    Prepared,
    prepare,
    prepare_delete,
    prepare_insert,
    prepare_update,
    utc_now,
)
from ..web import Schema
from .client import client_ip, user_agent
from .models import BaseUser, Stored, Token, TokenKind
from .users import user_model


class InvalidToken(HTTPException):
    """A link that is unknown, has expired or was used: 400."""

    def __init__(self) -> None:
        members = {
            "type": "urn:problem:invalid-token",
            "title": "Link invalid",
            "detail": "This link is invalid, has expired or was used. Request a new one.",
        }
        super().__init__(400, members)


class Mailed(Schema):
    """A token of a mail, and the address of its user now."""

    id: UUID
    user_id: Key
    sent_to: str
    email: str


add_token = prepare_insert(Token, Stored)
change_token = prepare_update(Token, Stored)
delete_token = prepare_delete(Token)


def digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


async def issue(
    user_id: Key,
    kind: TokenKind,
    lives: timedelta,
    *,
    sent_to: str | None = None,
    name: str | None = None,
    connection: HTTPConnection | None = None,
) -> tuple[UUID, str]:
    """Store a new token, and return its key and the token itself, which is not kept.

    Args:
        lives: the time until it expires.
        sent_to: the address of a token of a mail.
        name: of an API token.
        connection: of the client who has just given the password.
    """
    token, now = token_urlsafe(32), utc_now()
    issued = await add_token.one(
        user_id=user_id,
        kind=kind,
        hash=digest(token),
        sent_to=sent_to,
        name=name,
        created_at=now,
        seen_at=now,
        expires_at=now + lives,
        authenticated_at=now if kind is TokenKind.SESSION else None,
        ip_address=client_ip(connection) if connection else None,
        user_agent=user_agent(connection) if connection else None,
    )
    return issued.id, token


def lifetime(kind: TokenKind) -> timedelta:
    """Return how long a token of a mail is valid."""
    if kind is TokenKind.RESET:
        return timedelta(minutes=settings.auth_reset_minutes)
    return timedelta(hours=settings.auth_confirm_hours)


async def mailed_token(user: BaseUser, kind: TokenKind, *, sent_to: str | None = None) -> str:
    """Return a new token for a mail to a user. Call it while the mail is made.

    Args:
        sent_to: the address of the mail; by default the user's.
    """
    _, token = await issue(user.id, kind, lifetime(kind), sent_to=sent_to or user.email)
    return token


async def requested_token(key: UUID) -> str:
    """Return the token of a row that `issue` stored when it was asked for, for a mail made later.

    What ends the user's links meanwhile deletes the row: then no mail must go out, however often
    the job is retried.

    Raises:
        NotFound: the row was deleted.
    """
    token = token_urlsafe(32)
    await change_token.one(key, {"hash": digest(token)})
    return token


async def hold(session: AsyncSession, user_id: Key, token_id: UUID) -> None:
    """Lock a user, whose token has not been revoked since the request was authenticated.

    What ends all tokens of a user locks the user first. Without this, a request that waits for that
    lock could store a token that survives.

    Raises:
        HTTPException: 401 if the token was revoked.
    """
    user = user_model()
    await session.execute(select(user.id).where(user.id == user_id).with_for_update())
    own = select(Token.id).where(Token.id == token_id).with_for_update()
    if await session.scalar(own) is None:
        login_required("The session has ended.")


def login_required(
    detail: str = "Log in, or send a valid token: Authorization: Bearer ….",
) -> NoReturn:
    members = {"type": "urn:problem:login-required", "title": "Login required", "detail": detail}
    raise HTTPException(401, members, {"WWW-Authenticate": "Bearer"})


async def read_mailed(token: str, kind: TokenKind) -> Mailed:
    """Return a valid token of a mail, without using it.

    Raises:
        InvalidToken: unknown, expired, of another kind, or sent to an address that the user no
            longer has.
    """
    try:
        return await mailed().one(hash=digest(token), kind=kind, now=utc_now())
    except NotFound:
        raise InvalidToken from None


async def use(session: AsyncSession, token: Mailed, *, kinds: tuple[TokenKind, ...]) -> None:
    """Use a token in a unit of work, and delete the user's other tokens of these kinds.

    Raises:
        InvalidToken: another request has used it meanwhile.
    """
    try:
        await delete_token.one(token.id)
    except NotFound:
        raise InvalidToken from None
    await delete_tokens(session, token.user_id, kinds)


async def delete_tokens(
    session: AsyncSession,
    user_id: Key,
    kinds: tuple[TokenKind, ...] = tuple(TokenKind),
    *,
    but: UUID | None = None,
) -> None:
    """Delete a user's tokens: sessions end at once, in every process.

    Args:
        kinds: by default all.
        but: the token to keep, such as that of the current session.
    """
    statement = delete(Token).where(Token.user_id == user_id, Token.kind.in_(kinds))
    if but is not None:
        statement = statement.where(Token.id != but)
    await session.execute(statement)


@cache
def mailed() -> Prepared[Mailed]:
    user = user_model()
    return prepare(
        select(Token.id, Token.user_id, Token.sent_to, user.email)
        .join(user, user.id == Token.user_id)
        .where(
            Token.hash == bindparam("hash"),
            Token.kind == bindparam("kind"),
            Token.expires_at > bindparam("now"),
            or_(Token.sent_to == user.email, Token.kind == TokenKind.EMAIL),
            or_(Token.kind != TokenKind.CONFIRM, user.confirmed_at.is_(None)),
            user.is_active,
        ),
        Mailed,
        primary=True,
    )
