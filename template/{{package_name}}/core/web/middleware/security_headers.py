# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Headers that tell a browser to do less: https://owasp.org/www-project-secure-headers/"""

from collections.abc import Iterable

from starlette.types import Scope

from ..paths import route_path

Header = tuple[bytes, bytes]

POLICY = b"content-security-policy"
COMMON: list[Header] = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
]
API: list[Header] = [*COMMON, (POLICY, b"default-src 'none'; frame-ancestors 'none'")]
# The pages of the documentation have inline scripts, and fetch their libraries from elsewhere.
PAGES: list[Header] = [
    *COMMON,
    (
        POLICY,
        b"default-src 'self' https:; script-src 'self' 'unsafe-inline' https:; "
        b"style-src 'self' 'unsafe-inline' https:; img-src 'self' data: https:; "
        b"worker-src blob:; connect-src 'self'; frame-ancestors 'none'",
    ),
]
DOCUMENTATION = frozenset({"/docs", "/docs/oauth2-redirect", "/redoc"})
HTTPS_FOR_A_YEAR: Header = (b"strict-transport-security", b"max-age=31536000")
NAMES = frozenset(name for name, _ in [*API, HTTPS_FOR_A_YEAR])


def security_headers(scope: Scope, given: Iterable[Header]) -> list[Header]:
    """What an answer does not say itself. HSTS only on https, where it means something.

    Args:
        scope: the request's.
        given: the answer's own headers.
    """
    headers = PAGES if route_path(scope) in DOCUMENTATION else API
    if scope["scheme"] == "https":
        headers = [*headers, HTTPS_FOR_A_YEAR]
    said = NAMES.intersection([name for name, _ in given])
    return [header for header in headers if header[0] not in said] if said else headers
