"""Generates load: keep-alive connections that send the next request as soon as one is answered."""

import asyncio
import time
from collections.abc import Iterator
from typing import NamedTuple

END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length:"
LAST_CHUNK = b"0\r\n\r\n"
NO_CONTENT = 204
CHUNKED = -2
UNKNOWN = -1


class Request(NamedTuple):
    """A request, and the status expected in the answer."""

    method: str
    path: str
    body: bytes = b""
    status: int = 200
    headers: tuple[str, ...] = ()

    def encode(self) -> bytes:
        """Return the bytes to send."""
        lines = [
            f"{self.method} {self.path} HTTP/1.1",
            "Host: localhost",
            "Accept: */*",
            *self.headers,
        ]
        if self.body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


class Load(NamedTuple):
    """The result of a run.

    Attributes:
        requests: the number of answered requests.
        seconds: the duration of the run.
        latencies: the latency of each request in seconds, sorted.
    """

    requests: int
    seconds: float
    latencies: list[float]

    def quantile(self, part: float) -> float:
        """Return the latency, in seconds, that this fraction of the requests stayed below."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * part))]


class WrongAnswer(Exception):
    """A server answered with an unexpected status."""


class Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, requests: Iterator[Request], until: float) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.latencies: list[float] = []
        self._requests = requests
        self._until = until
        self._buffer = b""
        self._missing = UNKNOWN

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._finish()
            return
        self._request = request
        self._sent = time.perf_counter()
        self._transport.write(request.encode())

    def _finish(self) -> None:
        self._transport.close()
        self.done.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._missing == UNKNOWN:
            head, found, rest = self._buffer.partition(END_OF_HEAD)
            if not found:
                return
            status = int(head[9:12])
            if status != self._request.status:
                self._fail(
                    WrongAnswer(f"{self._request} was answered with {status}: {rest[:500]!r}")
                )
                return
            _, known, length = head.lower().partition(LENGTH)
            if known:
                self._missing = int(length.split(b"\r\n", 1)[0])
            else:
                self._missing = 0 if status == NO_CONTENT else CHUNKED
            self._buffer = rest
        if self._missing == CHUNKED and not self._buffer.endswith(LAST_CHUNK):
            return
        if len(self._buffer) < self._missing:
            return
        now = time.perf_counter()
        self.latencies.append(now - self._sent)
        self._buffer = b""
        self._missing = UNKNOWN
        if now < self._until:
            self._ask()
        else:
            self._finish()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self._fail(exc or ConnectionError("the server closed the connection"))

    def _fail(self, error: Exception) -> None:
        self.done.set_exception(error)
        self._transport.close()


async def run(port: int, requests: Iterator[Request], *, connections: int, seconds: float) -> Load:
    """Send requests for some time.

    Args:
        port: the server's port on 127.0.0.1.
        requests: shared by the connections. If they run out, the run ends earlier.
        connections: the number of concurrent connections.
        seconds: no new request is sent after this time.

    Raises:
        WrongAnswer: the server answered with an unexpected status.
    """
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    clients = [
        (
            await loop.create_connection(
                lambda: Client(requests, began + seconds), "127.0.0.1", port
            )
        )[1]
        for _ in range(connections)
    ]
    await asyncio.gather(*(client.done for client in clients))
    spent = time.perf_counter() - began
    latencies = sorted(latency for client in clients for latency in client.latencies)
    return Load(len(latencies), spent, latencies)
