# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""A request's id and its line in the log, in one layer: each layer costs every request."""

from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, reset_contextvars

from .access_log import log_request
from .request_id import HEADER, request_id


class Envelope:
    """Gives a request its id, which its answer has too, and logs it once it is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        given = request_id(scope)
        name = scope.setdefault("state", {})["request_id"] = given.decode()
        status: int | None = None

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (HEADER, given)]
            await send(message)

        tokens = bind_contextvars(request_id=name)
        start = perf_counter()
        try:
            await self.app(scope, receive, send_with_id)
        finally:
            if scope["type"] == "http":
                log_request(scope, status, perf_counter() - start)
            reset_contextvars(**tokens)
