# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Refuses requests that another website makes in a browser (CSRF), without a token.

The model is Go's `http.CrossOriginProtection`; a request with neither header is refused here, since
every current browser sends one: https://words.filippo.io/csrf/
"""

from fastapi import HTTPException
from starlette.requests import HTTPConnection

from ...settings import settings

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def refuse_other_origins(connection: HTTPConnection) -> None:
    """Refuse a request that does not come from a page of this service, or of TRUSTED_ORIGINS."""
    if not is_own(connection):
        members = {
            "type": "urn:problem:cross-origin",
            "title": "Request from another origin",
            "detail": "Send it from this origin, list the origin in TRUSTED_ORIGINS, or "
            "authenticate with a bearer token.",
        }
        raise HTTPException(403, members)


def is_own(connection: HTTPConnection) -> bool:
    origin, site = (connection.headers.get(name) for name in ("origin", "sec-fetch-site"))
    if site in ("same-origin", "none"):
        return True
    if origin is None:
        return False
    if origin in settings.trusted_origins:
        return True
    host = connection.headers.get("host")
    return site is None and bool(host) and origin.partition("://")[2] == host


def is_unsafe(connection: HTTPConnection) -> bool:
    """Whether a request may change something. A WebSocket may."""
    return connection.scope.get("method") not in SAFE
