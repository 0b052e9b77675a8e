# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The cookies: one holds the session's token, the other recognizes a device."""

import hmac
from functools import cache
from hashlib import sha256
from secrets import token_urlsafe

from starlette.requests import HTTPConnection
from starlette.responses import Response

from ...settings import settings

FOR_A_YEAR = 365 * 24 * 3600  # seconds


def secure() -> bool:
    """Whether cookies need https; only in development they do not."""
    return not settings.debug or settings.public_url.startswith("https:")


def cookie_name(name: str) -> str:
    """Return a cookie's name: `__Host-` binds it to this host, and to https."""
    return f"__Host-{name}" if secure() else name


def set_cookie(response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        cookie_name(name), value, seconds, path="/", secure=secure(), httponly=True, samesite="lax"
    )


def session_token(connection: HTTPConnection) -> str | None:
    return connection.cookies.get(cookie_name("session"))


def remember_device(response: Response, email: str) -> None:
    """Let a device that has logged in to an account do so when others have used up its limit."""
    nonce = token_urlsafe(16)
    set_cookie(response, "device", f"{nonce}.{signature(nonce, email)}", FOR_A_YEAR)


def known_device(connection: HTTPConnection, email: str) -> str | None:
    """Return a name of the device, if it has logged in to this account before."""
    nonce, _, signed = connection.cookies.get(cookie_name("device"), "").partition(".")
    valid = hmac.compare_digest(signed.encode(), signature(nonce, email).encode())
    return nonce if valid else None


def signature(nonce: str, email: str) -> str:
    return hmac.new(secret(), f"device:{nonce}:{email}".encode(), sha256).hexdigest()


@cache
def secret() -> bytes:
    """SECRET_KEY; in development without one, a random key of this process."""
    key = settings.secret_key.get_secret_value() if settings.secret_key else ""
    return (key or token_urlsafe(32)).encode()
