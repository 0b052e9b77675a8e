# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""HTTP/1.1 with limits for hostile and slow clients; `runserver` serves with it.

uvicorn's protocol accepts headers of any size, and waits for slow clients without a limit.
"""

import logging
from typing import Any, Literal

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ...settings import settings
from ..web.problem import problem, title

MAX_HEAD = 65_536  # bytes of a request's URL, headers and trailers
CHECK_EVERY = 1.0  # seconds
PROBE = "/health/live"  # answered however many requests are running

logger = logging.getLogger(__name__)


class HeadTooLarge(Exception):
    """Stops the parser: the URL, headers and trailers of a request exceed the limit."""


class LimitedProtocol(HttpToolsProtocol):
    """A connection of uvicorn, with limits.

    A connection over `limit_concurrency` takes the place of idle ones. A request over it gets 503.
    """

    app: Any
    receiving: Literal["", "head", "body"] = "head"  # the part of a request that is due
    since: float  # when the client last made progress, by the loop's clock
    unanswered: int = 0  # requests whose head has arrived
    head = 0  # bytes of the URL, headers and trailers so far
    unparsed = 0  # bytes since the parser last reported a part
    unsent = 0  # bytes of answers that the client had not taken at the last check

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.application = self.app
        self.since = self.loop.time()
        self.next_check = self.loop.call_later(CHECK_EVERY, self.check)
        if len(self.connections) > settings.limit_concurrency:
            self.close_idle_connections()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.next_check.cancel()

    def data_received(self, data: bytes) -> None:
        self.unparsed += len(data)
        super().data_received(data)
        if self.unparsed > MAX_HEAD:
            self.head = self.unparsed
            self.send_400_response("")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.receiving, self.since, self.head = "head", self.loop.time(), 0

    def on_url(self, url: bytes) -> None:
        self.count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, or a trailer, which the application does not get."""
        self.count(len(name) + len(value) + len(": \r\n"))
        if self.receiving == "head":
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self.receiving, self.since = "body", self.loop.time()
        self.unanswered += 1
        full = len(self.tasks) >= settings.limit_concurrency
        self.app = self.answer_overload if full else self.application
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.since, self.unparsed = self.loop.time(), 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.receiving, self.since, self.unparsed = "", self.loop.time(), 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self.since = self.loop.time()
        self.unanswered -= 1
        super().on_response_complete()

    def handle_websocket_upgrade(self) -> None:
        self.next_check.cancel()
        super().handle_websocket_upgrade()

    def count(self, size: int) -> None:
        self.head += size
        self.unparsed = 0
        if self.head > MAX_HEAD:
            raise HeadTooLarge

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser did not accept."""
        if self.head > MAX_HEAD:
            self.refuse(431, f"The URL, headers and trailers exceed {MAX_HEAD} bytes.")
        else:
            self.refuse(400, "The request is not valid HTTP.")

    def check(self) -> None:
        """Close the connection if its client has made no progress for too long."""
        unsent = self.transport.get_write_buffer_size()
        served = self.unanswered > 0 and (
            not self.receiving or self.flow.read_paused or self.cycle.waiting_for_100_continue
        )
        idle = not self.receiving and not unsent
        limit = settings.keep_alive_timeout if idle else settings.request_timeout
        if unsent != self.unsent or (served and not unsent):
            self.since, self.unsent = self.loop.time(), unsent
        elif self.loop.time() - self.since > limit:
            if unsent:
                self.transport.abort()
            elif self.receiving and self.head:
                self.refuse(408, f"The request did not arrive within {limit:g} seconds.")
            else:
                self.transport.close()
        self.next_check = self.loop.call_later(CHECK_EVERY, self.check)

    def refuse(self, status: int, reason: str) -> None:
        """Answer with a problem, unless another answer is due or has begun, and close."""
        if self.transport.is_closing():
            return
        logger.warning("%s Closed the connection from %s.", reason, (self.client or ["?"])[0])
        in_body = self.receiving == "body"
        if self.unanswered == in_body and not (in_body and self.cycle.response_started):
            answer = problem({}, status, reason, headers={"Connection": "close"})
            lines = [b"HTTP/1.1 %d %b" % (status, title(status).encode())]
            lines += [b"%b: %b" % header for header in answer.raw_headers]
            self.transport.write(b"\r\n".join([*lines, b"", bytes(answer.body)]))
        self.transport.close()

    def close_idle_connections(self) -> None:
        """Close a tenth of the connections, those without a running request that wait longest."""
        http: list[LimitedProtocol] = [
            each for each in self.connections if isinstance(each, LimitedProtocol)
        ]
        still_open = [each for each in http if not each.transport.is_closing()]
        if len(still_open) <= settings.limit_concurrency:
            return  # enough are closed already
        idle = [each for each in still_open if not each.unanswered and each is not self]
        idle.sort(key=lambda each: each.since)
        closed = idle[: settings.limit_concurrency // 10 + 1]
        for each in closed:
            each.transport.close()
        logger.warning("LIMIT_CONCURRENCY is reached. Closed %d idle connections.", len(closed))

    async def answer_overload(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer 503 in place of the application."""
        if scope["path"] == PROBE:
            await self.application(scope, receive, send)
            return
        logger.warning("LIMIT_CONCURRENCY is reached. Answered 503 to %s.", scope["path"])
        headers = {"Retry-After": "1", "Connection": "close"}
        answer = problem(scope, 503, "The service is overloaded.", headers=headers)
        await answer(scope, receive, send)
