"""A small HTTP client that exposes the bytes sent, reports torn answers and never retries."""

import asyncio
import json
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

PROMPT = 10.0  # seconds: an answer that takes longer is a hang


class Request(NamedTuple):
    method: str
    path: str
    body: dict[str, Any] | None = None
    mark: str = ""  # identifies the row that this request creates
    authorization: str = ""
    key: str = ""  # Idempotency-Key

    def head_and_body(self) -> tuple[bytes, bytes]:
        """Return the bytes of the head and of the body."""
        body = b"" if self.body is None else json.dumps(self.body).encode()
        head = (
            f"{self.method} {self.path} HTTP/1.1\r\nHost: localhost\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        )
        if self.authorization:
            head += f"Authorization: {self.authorization}\r\n"
        if self.key:
            head += f"Idempotency-Key: {self.key}\r\n"
        head += "\r\n"
        return head.encode(), body


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class NoAnswer(Exception):
    """The connection ended before the answer was complete."""

    def __init__(self, *, torn: bool) -> None:
        super().__init__("an answer broke off" if torn else "no answer")
        self.torn = torn  # a part of the answer had arrived


class Connection:
    """One keep-alive connection, opened when needed, and reopened once the server has closed it."""

    def __init__(self, address: str) -> None:
        url = urlsplit(address)
        self.host, self.port = url.hostname or "127.0.0.1", url.port or 80
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    async def send(self, request: Request, *, within: float = PROMPT) -> Answer:
        """Send a request, and return the answer.

        Raises:
            ConnectionRefusedError: nothing listens on the port.
            NoAnswer: the connection ended first.
            TimeoutError: the answer took longer than `within` seconds.
        """
        try:
            async with asyncio.timeout(within):
                if self._streams is None:
                    self._streams = await asyncio.open_connection(self.host, self.port)
                reader, writer = self._streams
                writer.write(b"".join(request.head_and_body()))
                answer = await read_answer(reader)
        except BaseException as error:
            self.close()
            if isinstance(error, ConnectionError) and not isinstance(error, ConnectionRefusedError):
                raise NoAnswer(torn=False) from error
            raise
        if answer.headers.get("connection") == "close":
            self.close()
        return answer

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """Read one answer to its end.

    Raises:
        NoAnswer: the connection ended first.
    """
    head = b""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        status, _, fields = head.decode("latin-1").strip().partition("\r\n")
        pairs = (line.partition(":") for line in fields.split("\r\n"))
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    except asyncio.IncompleteReadError as error:
        raise NoAnswer(torn=bool(head or error.partial)) from error
    except ConnectionError as error:
        raise NoAnswer(torn=bool(head)) from error
    return Answer(int(status.split(" ")[1]), headers, body)


async def send_all(
    address: str, requests: list[Request], *, clients: int, within: float = PROMPT
) -> list[Answer]:
    """Send requests over concurrent connections, and return their answers in the same order.

    Raises:
        ExceptionGroup: some requests were not answered.
    """
    waiting = list(enumerate(requests))[::-1]
    answers: dict[int, Answer] = {}

    async def client() -> None:
        async with Connection(address) as connection:
            while waiting:
                number, request = waiting.pop()
                answers[number] = await connection.send(request, within=within)

    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(client())
    return [answers[number] for number in range(len(requests))]
