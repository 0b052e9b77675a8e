"""Tokens as RealWorld's clients send them."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send


class TokenScheme:
    """Reads `Authorization: Token …` as `Authorization: Bearer …`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = MutableHeaders(scope=scope)
            scheme, _, token = headers.get("authorization", "").partition(" ")
            if scheme.lower() == "token":
                headers["authorization"] = f"Bearer {token}"
        await self.app(scope, receive, send)
