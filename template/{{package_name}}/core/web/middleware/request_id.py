# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""An id for each request: in its log lines, its errors' bodies and its answer's headers."""

import re
from secrets import token_hex

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, reset_contextvars

HEADER = b"x-request-id"
SANE = re.compile(rb"[\w.:=+/-]{1,128}")


class RequestID:
    """Takes the id that a proxy gave in X-Request-ID when it is sane, else makes one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        request_id = given_id(scope) or token_hex(16).encode()
        name = request_id.decode()
        scope.setdefault("state", {})["request_id"] = name

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (HEADER, request_id)]
            await send(message)

        tokens = bind_contextvars(request_id=name)
        try:
            await self.app(scope, receive, send_with_id)
        finally:
            reset_contextvars(**tokens)


def given_id(scope: Scope) -> bytes | None:
    for name, value in scope["headers"]:
        if name == HEADER and SANE.fullmatch(value):
            return bytes(value)
    return None
