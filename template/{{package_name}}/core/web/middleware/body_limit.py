# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Bodies that are too large are refused with 413."""

from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import Receive, Scope, Send

ANNOUNCING = frozenset({b"content-length", b"transfer-encoding"})


class BodyLimit(RequestBodyLimitMiddleware):
    """Starlette's, but a request without a body, as most are, is not counted."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and has_no_body(scope):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def has_no_body(scope: Scope) -> bool:
    """Whether it is sure: HTTP/1 announces a body (RFC 9112, section 6), HTTP/2 need not."""
    if not scope["http_version"].startswith("1."):
        return False
    return all(name not in ANNOUNCING for name, _ in scope["headers"])
