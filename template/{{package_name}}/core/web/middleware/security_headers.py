# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Security headers for browsers: https://owasp.org/www-project-secure-headers/"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..paths import route_path

Header = tuple[bytes, bytes]

POLICY = b"content-security-policy"
COMMON: list[Header] = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
]
API: list[Header] = [*COMMON, (POLICY, b"default-src 'none'; frame-ancestors 'none'")]
# The documentation pages have inline scripts and load libraries from a CDN.
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


class SecurityHeaders:
    """Adds the headers that an answer does not set itself. HSTS is sent over https only."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers: list[Header] = list(message.get("headers", ()))
                present = {name for name, _ in headers}
                headers += [header for header in wanted(scope) if header[0] not in present]
                message["headers"] = headers
            await send(message)

        await self.app(scope, receive, send_with_headers)


def wanted(scope: Scope) -> list[Header]:
    headers = PAGES if route_path(scope) in DOCUMENTATION else API
    return [*headers, HTTPS_FOR_A_YEAR] if scope["scheme"] == "https" else headers
