# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What every request and every answer gets, in one layer: each layer costs every request."""

from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, reset_contextvars

from .access_log import log_request
from .plain_errors import as_problem, is_plain_error
from .request_id import HEADER, request_id
from .security_headers import missing_headers


class Envelope:
    """Gives a request its id and a line in the log; its answer, the id and safe headers.

    An error in plain text, as Starlette's own layers answer, is answered as a problem.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        given = request_id(scope)
        name = scope.setdefault("state", {})["request_id"] = given.decode()
        tokens = bind_contextvars(request_id=name)
        answer = Answer(scope, receive, send, given)
        start = perf_counter()
        try:
            await self.app(scope, receive, answer.send)
        finally:
            if scope["type"] == "http":
                log_request(scope, answer.status, perf_counter() - start)
            reset_contextvars(**tokens)


class Answer:
    """What goes out to the client."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, request_id: bytes) -> None:
        self.status: int | None = None
        self._scope, self._receive, self._send = scope, receive, send
        self._request_id = request_id
        self._plain: Message | None = None
        self._text = b""

    async def send(self, message: Message) -> None:
        """Send a part of it."""
        if message["type"] == "http.response.start":
            if message["status"] >= 400 and is_plain_error(message):
                self._plain = message
                return
            self.status = message["status"]
            headers = message.get("headers", ())
            message["headers"] = [
                *headers,
                (HEADER, self._request_id),
                *missing_headers(self._scope, headers),
            ]
        elif self._plain is not None:
            await self._send_as_problem(self._plain, message)
            return
        await self._send(message)

    async def _send_as_problem(self, start: Message, message: Message) -> None:
        self._text += message.get("body", b"")
        if not message.get("more_body", False):
            self._plain = None
            response = as_problem(self._scope, start, self._text)
            await response(self._scope, self._receive, self.send)
