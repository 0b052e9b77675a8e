# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Refuse requests for other hosts, whose Host header would end up in links, caches and mails."""

from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import Receive, Scope, Send

from ..paths import route_path

PROBES = frozenset({"/health/live", "/health/ready"})


class TrustedHost(TrustedHostMiddleware):
    """Starlette's, except that probes may name any host: they send an address."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and route_path(scope) in PROBES:
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
