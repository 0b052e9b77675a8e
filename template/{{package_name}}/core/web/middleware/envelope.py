# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What every request and its answer go through, in one layer: each layer costs every request."""

from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..request_id import HEADER, current_id, request_id
from .access_log import log_request
from .plain_errors import PlainError, is_plain_error
from .security_headers import security_headers


class Envelope:
    """Gives a request its id and its line in the log; its answer the id and headers for browsers.

    An error in plain text, as Starlette's own layers answer it, becomes a problem.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        given = request_id(scope)
        name = scope.setdefault("state", {})["request_id"] = given.decode()
        status: int | None = None
        error: PlainError | None = None

        async def send_in_envelope(message: Message) -> None:
            nonlocal status, error
            if message["type"] == "http.response.start":
                status = message["status"]
                if is_plain_error(message):
                    error = PlainError(message)
                    return
                headers = message.get("headers", ())
                message["headers"] = [*headers, *security_headers(scope, headers), (HEADER, given)]
            elif error is not None:
                if error.is_whole(message):
                    response, error = error.as_problem(scope), None
                    await response(scope, receive, send_in_envelope)
                return
            await send(message)

        token = current_id.set(name)
        start = perf_counter()
        try:
            await self.app(scope, receive, send_in_envelope)
        finally:
            if scope["type"] == "http":
                log_request(scope, status, perf_counter() - start)
            current_id.reset(token)
