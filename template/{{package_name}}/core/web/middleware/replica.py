# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Lets requests read the replica. Imported only if DATABASE_REPLICA_URL is set.

GET and HEAD requests read it. After any other request, and after a GET that wrote, the same client
reads the primary for DB_REPLICA_LAG seconds: the answer sets a cookie, and has the same text as a
header, which clients without cookies send back. The text is the time until then, with a signature.
"""

import hmac
import math
import time
from collections import deque
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...db.engine import reads
from ...db.replica import Replica, RequestReads
from ...settings import CoreSettings
from ..routing import READING

COOKIE = "read_primary"
HEADER = "X-Read-Primary"
CLOCKS = 1.0  # seconds by which the clocks of the service's machines may differ


class ReplicaReads:
    """Chooses where a request reads, and repeats on the primary what failed on the replica."""

    def __init__(self, app: ASGIApp, settings: CoreSettings) -> None:
        self.app = app
        required: Any = settings  # neither is None: the settings require both
        self._replica = Replica(required.database_replica_url, lag=settings.db_replica_lag)
        self._key: bytes = required.secret_key.get_secret_value().encode()
        self._seconds = settings.db_replica_lag + CLOCKS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._serve(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        wrote = scope["method"] not in READING
        request = RequestReads(self._replica, wrote=wrote, on_primary=self._has_written(scope))

        async def send_noting(message: Message) -> None:
            if message["type"] == "http.response.start" and request.wrote:
                self._note_write(scope, message)
            await send(message)

        token = reads.set(request)
        try:
            await self._run(request, scope, receive, send_noting)
        finally:
            reads.reset(token)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Watch the replica, until the application has ended: the server waits for its message."""

        async def send_at_the_end(message: Message) -> None:
            if message["type"] != "lifespan.startup.complete":
                await self._replica.stop()
            await send(message)

        self._replica.start()
        await self.app(scope, receive, send_at_the_end)

    async def _run(self, request: RequestReads, scope: Scope, receive: Receive, send: Send) -> None:
        """Run a request, and again on the primary if it failed because of the replica."""
        first, received, failed = dict(scope), deque[Message](), False

        async def receive_noting() -> Message:
            received.append(await receive())
            return received[-1]

        async def receive_again() -> Message:
            return received.popleft() if received else await receive()

        async def send_success(message: Message) -> None:
            nonlocal failed
            if message["type"] == "http.response.start" and message["status"] >= 500:
                failed = request.may_repeat and not request.wrote
            if not failed:
                await send(message)

        if request.wrote:
            await self.app(scope, receive, send)
            return
        await self.app(scope, receive_noting, send_success)
        if failed:
            scope.clear()
            scope.update(first)
            request.on_primary = True
            await self.app(scope, receive_again, send)

    def _has_written(self, scope: Scope) -> bool:
        """Whether the request's client has written a short time ago."""
        connection = HTTPConnection(scope)
        texts = (connection.headers.get(HEADER, ""), connection.cookies.get(COOKIE, ""))
        return any(self._is_valid(text) for text in texts)

    def _is_valid(self, text: str) -> bool:
        until, _, signature = text.partition(".")
        is_ours = hmac.compare_digest(signature.encode(), self._sign(until).encode())
        return is_ours and time.time() * 1000 < int(until)

    def _note_write(self, scope: Scope, answer: Message) -> None:
        until = str(math.ceil((time.time() + self._seconds) * 1000))
        text = f"{until}.{self._sign(until)}"
        seconds = math.ceil(self._seconds)
        cookie = f"{COOKIE}={text}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax"
        headers = MutableHeaders(scope=answer)
        headers.append("Set-Cookie", f"{cookie}; Secure" if scope["scheme"] == "https" else cookie)
        headers.append(HEADER, text)

    def _sign(self, until: str) -> str:
        return hmac.digest(self._key, f"{COOKIE}:{until}".encode(), "sha256").hex()
