# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Logging in and out."""

from datetime import timedelta

from fastapi import HTTPException
from sqlalchemy import delete
from starlette.requests import HTTPConnection
from starlette.responses import Response

from ...settings import settings
from ..db import Key, transaction
from .access import Identity
from .client import network
from .cookies import known_device, remember_device, session_token, set_cookie
from .events import record
from .limits import Limit
from .models import Token, TokenKind
from .origins import refuse_other_origins
from .passwords import in_thread, needs_rehash, new_hash, verify
from .tokens import digest, issue
from .users import Credentials, by_email, normalize_email, user_model

PER_ADDRESS = Limit("10/15 minutes")
PER_NETWORK = Limit("100/15 minutes")


async def log_in(
    connection: HTTPConnection, response: Response, email: str, password: str, *, bearer: bool
) -> tuple[Key, str | None]:
    """Start a session, and end the one whose cookie the request carries.

    Call it with no transaction open.

    Args:
        bearer: return a token to a program, and set no cookie.

    Returns:
        The user's key, and the token or None.

    Raises:
        HTTPException: 403 if another website asks for a cookie; and as `authenticate`.
    """
    if not bearer:
        refuse_other_origins(connection)
    user = await authenticate(connection, email, password)
    stored = user.password_hash or ""
    new = await in_thread(lambda: new_hash(password)) if needs_rehash(stored) else stored
    earlier = session_token(connection)
    lives = timedelta(days=min(settings.auth_idle_days, settings.auth_session_days))
    async with transaction() as session:
        # The password, or the account, may have changed while the password was compared.
        row = await session.get(user_model(), user.id, with_for_update=True)
        if row is None or row.password_hash != stored or not row.is_active:
            raise login_failed()
        row.password_hash = new
        _, token = await issue(user.id, TokenKind.SESSION, lives, connection=connection)
        # After the insert: deleting a missing row may lock the gap in the index.
        if earlier is not None and not bearer:
            await session.execute(delete(Token).where(Token.hash == digest(earlier)))
        await record("login", user_id=user.id, connection=connection)
    if bearer:
        return user.id, token
    set_cookie(response, "session", token, settings.auth_session_days * 24 * 3600)
    remember_device(response, user.email)
    return user.id, None


async def authenticate(connection: HTTPConnection, email: str, password: str) -> Credentials:
    """Return the user of an address and a password. Call it with no transaction open.

    Every refusal is the same, and costs the same statements and one hash. A device that has logged
    in to the account before has a separate limit, so that nobody else can lock it out.
    """
    try:
        address = normalize_email(email)
    except ValueError:
        address = ""  # not an address, so it may be a password: it is not recorded
    caller = f"device {device}" if (device := known_device(connection, address)) else address
    if device is None:
        await PER_NETWORK.use("login", network(connection))
    await PER_ADDRESS.use("login", caller)
    user = await by_email().first(email=address)
    stored = user.password_hash if user is not None and user.may_log_in else None
    right = await verify(password, stored)
    if user is None or stored is None or not right:
        key = user.id if user else None
        await record("login_failed", user_id=key, connection=connection, email=address)
        raise login_failed()
    await PER_ADDRESS.forget("login", caller)
    return user


def login_failed() -> HTTPException:
    """Return the answer to every login that is refused."""
    members = {
        "type": "urn:problem:login-failed",
        "title": "Login failed",
        "detail": "The address or the password is wrong, or the account is not active.",
    }
    return HTTPException(401, members)


def forget_session(response: Response) -> None:
    """Delete the session's cookie."""
    set_cookie(response, "session", "", 0)


async def end_session(connection: HTTPConnection, response: Response, who: Identity) -> None:
    """Delete the token that a request carries, and its cookie."""
    async with transaction() as session:
        await session.execute(delete(Token).where(Token.id == who.token_id))
        await record("logout", user_id=who.id, connection=connection)
    forget_session(response)
