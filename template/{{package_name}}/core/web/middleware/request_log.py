# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The request id, the headers of every answer and the access log: one layer, as each costs a request."""

from logging import DEBUG, INFO
from time import perf_counter

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from ..paths import route_path
from ..request_id import HEADER, current_request, request_id
from .plain_errors import PlainError, is_plain_error
from .security_headers import add_security_headers

logger: FilteringBoundLogger = structlog.get_logger()


class RequestLog:
    """Gives a request its id, completes its answer, and logs both.

    The answer gets the id and security headers. An error in plain text becomes a problem.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        given = request_id(scope)
        scope.setdefault("state", {})["request_id"] = given.decode()
        status: int | None = None
        error: PlainError | None = None

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = add_security_headers(scope, message.get("headers", ()))
                message["headers"] = [*headers, (HEADER, given)]
            await send(message)

        async def send_complete(message: Message) -> None:
            nonlocal error
            if error is not None:
                if answer := error.take(message):
                    await answer(scope, receive, send_with_headers)
            elif is_plain_error(message):
                error = PlainError(scope, message)
            else:
                await send_with_headers(message)

        token = current_request.set(scope)
        start = perf_counter()
        try:
            await self.app(scope, receive, send_complete)
        finally:
            if scope["type"] == "http":
                log_request(scope, status, perf_counter() - start)
            current_request.reset(token)


def log_request(scope: Scope, status: int | None, seconds: float) -> None:
    """Log who called what, the status and the duration, at DEBUG for successful health probes.

    The query string is not logged, since it may contain secrets. The status is None if the request
    ended before its answer began.
    """
    healthy = status == 200 and route_path(scope).startswith("/health/")
    logger.log(
        DEBUG if healthy else INFO,
        "request",
        client=client[0] if (client := scope.get("client")) else None,
        method=scope["method"],
        path=scope["path"],
        status=status,
        duration_ms=round(seconds * 1000, 1),
    )
