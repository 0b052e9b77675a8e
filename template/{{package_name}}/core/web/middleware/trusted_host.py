# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Requests for other hosts are refused: their Host header ends up in links, caches and mails."""

from collections.abc import Sequence

from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from ..paths import route_path

PROBES = frozenset({"/health/live", "/health/ready"})
REMEMBERED = 100  # hosts: a pattern has no end of them


class TrustedHost(TrustedHostMiddleware):
    """Starlette's, but a host that was let pass is not judged again.

    The health of a process may be asked by its address, as probes do.
    """

    def __init__(self, app: ASGIApp, allowed_hosts: Sequence[str]) -> None:
        super().__init__(self.let_pass, allowed_hosts, www_redirect=False)
        self._inner = app
        self._hosts: set[bytes | None] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (host(scope) in self._hosts or route_path(scope) in PROBES):
            await self._inner(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def let_pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and len(self._hosts) < REMEMBERED:
            self._hosts.add(host(scope))
        await self._inner(scope, receive, send)


def host(scope: Scope) -> bytes | None:
    return next((value for name, value in scope["headers"] if name == b"host"), None)
