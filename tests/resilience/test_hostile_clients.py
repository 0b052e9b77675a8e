"""Clients that send too much, too slowly or nothing at all: others are served, and memory is bounded."""

import asyncio
import json
import resource
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path

import httpx
import pytest

from ..support.deep import scaled
from ..support.processes import eventually
from ..support.projects import Project, Service
from ..support.servers import Server
from .served import assert_clean_end, migrated, parsed, with_settings

pytestmark = pytest.mark.full

A_WHILE = 60.0  # seconds to wait for an event
TIMEOUT = 10  # seconds: REQUEST_TIMEOUT and KEEP_ALIVE_TIMEOUT
MEGABYTE = 1_000_000
FLOOD = scaled(usual=20, deep=390)  # megabytes of headers, and again of trailers
CONNECTIONS = scaled(usual=60, deep=500)  # LIMIT_CONCURRENCY
SILENT = scaled(usual=300, deep=1_100)
DESCRIPTORS = scaled(usual=200, deep=1_024)
GROWTH = 30 * 1024  # KiB
GET = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
LAST = b"Connection: close\r\n\r\n"
REFUSED = b"HTTP/1.1 431 Request Header Fields Too Large"
OK = b"HTTP/1.1 200 OK"


@pytest.fixture(scope="module")
def project(sqlite: Server, tmp_path_factory: pytest.TempPathFactory) -> Generator[Project]:
    with migrated(sqlite, tmp_path_factory.mktemp("hostile")) as project:
        yield project


@contextmanager
def serving(project: Project, **settings: int) -> Generator[Service]:
    with with_settings(
        project, {name: str(value) for name, value in settings.items()}
    ).serve() as service:
        yield service
        assert_clean_end(service)


@pytest.fixture(scope="module")
def service(project: Project) -> Iterator[Service]:
    with serving(project, REQUEST_TIMEOUT=TIMEOUT, KEEP_ALIVE_TIMEOUT=TIMEOUT) as service:
        yield service


async def converse(service: Service, *parts: bytes, pause: float = 0.0) -> bytes:
    """Send parts, and return what the service answers until it closes the connection."""
    url = httpx.URL(service.address)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    answer = b""
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        async with asyncio.timeout(A_WHILE):
            while received := await reader.read(65_536):
                answer += received
    except ConnectionError:
        pass  # closed before all was sent
    finally:
        writer.close()
    return answer


@pytest.mark.parametrize(
    ("sent", "begins"),
    [
        (GET + b"Cookie: a=" + b"b" * 16_384 + b"\r\n" + LAST, OK),
        (GET + b"Cookie: a=" + b"b" * 65_000 + b"\r\n" + LAST, OK),
        (GET + b"Cookie: a=" + b"b" * 65_536 + b"\r\n" + LAST, REFUSED),
        (GET + b"a: b\r\n" * 10_000 + LAST, OK),
        (GET + b"a: b\r\n" * 11_000 + LAST, REFUSED),
        (b"GET /" + b"a" * 65_537 + b" HTTP/1.1\r\nHost: localhost\r\n" + LAST, REFUSED),
        (b"GET /health/live HTTP/1.0\r\nHost: localhost\r\n\r\n", OK),
        (GET + b"Connection: close, upgrade\r\nUpgrade: h2c\r\n\r\n", OK),
        (b"\x16\x03\x01 not HTTP\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
    ],
    ids=["16K", "64K", "65K", "many", "too many", "URL", "1.0", "upgrade", "garbage"],
)
def test_heads_up_to_64_kib_are_accepted(service: Service, sent: bytes, begins: bytes) -> None:
    answer = asyncio.run(converse(service, sent))
    assert answer.startswith(begins)
    if not answer.startswith(OK):
        head, _, body = answer.partition(b"\r\n\r\n")
        assert b"content-type: application/problem+json" in head
        assert json.loads(body)["status"] == int(begins.split()[1])


def test_pipelined_requests_are_answered_in_order(service: Service) -> None:
    paths = (b"/health/live", b"/nowhere", b"/health/live")
    sent = b"".join(b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % path for path in paths)
    answer = asyncio.run(converse(service, sent + GET + LAST))
    statuses = [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"200", b"404", b"200", b"200"]


def test_clients_that_make_no_progress_are_cut_off(service: Service) -> None:
    """One that makes some is served, however long it takes."""
    body = [b"{", *repeat(b" ", 24), b"}"]
    length = b"Content-Length: %d\r\n" % len(body)
    late = b"HTTP/1.1 408 Request Timeout"
    cases = [
        (converse(service), b""),
        (converse(service, b"GET /hea"), late),
        (converse(service, GET + b"A: "), late),
        (converse(service, GET, *repeat(b"a: b\r\n", 1000), pause=0.5), b""),
        (converse(service, POST + length + b"\r\n{"), late),
        (converse(service, POST + length + b"Expect: 100-continue\r\n\r\n"), b"HTTP/1.1 100"),
        (converse(service, CHUNKED + b"1\r\n{\r\n0\r\na: "), late),
        (converse(service, GET + b"\r\n"), OK),
        (converse(service, POST + length + LAST, *body, pause=0.5), b"HTTP/1.1 422"),
    ]

    async def all_at_once() -> list[bytes]:
        return await asyncio.gather(*(conversation for conversation, _ in cases))

    answers = asyncio.run(all_at_once())
    assert [answer[: len(begins)] for answer, (_, begins) in zip(answers, cases, strict=True)] == [
        begins for _, begins in cases
    ]
    assert late in answers[5]


def test_requests_beyond_the_limit_get_503(project: Project) -> None:
    """Except the liveness probe: a restart would not help."""
    stalled = POST + b"Content-Length: 9\r\n\r\n{"

    async def fill(service: Service) -> None:
        url = httpx.URL(service.address)
        opened = [await asyncio.open_connection(url.host, url.port) for _ in range(4)]
        for _, writer in opened:
            writer.write(stalled)
        refused = await asyncio.to_thread(refusal, service)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert refused.headers["content-type"] == "application/problem+json"
        assert (await asyncio.to_thread(get, service, "/health/live")).status_code == 200
        for _, writer in opened:
            writer.close()

    with serving(project, LIMIT_CONCURRENCY=4) as service:
        asyncio.run(fill(service))
        assert eventually(lambda: get(service, "/health/ready").status_code == 200, seconds=A_WHILE)
        events = [parsed(line)["event"] for line in service.log.splitlines()]
        assert "LIMIT_CONCURRENCY is reached. Answered 503 to /health/ready." in events


def get(service: Service, path: str) -> httpx.Response:
    """Send a request on a connection of its own."""
    return httpx.get(service.address + path, timeout=A_WHILE, trust_env=False)


def refusal(service: Service) -> httpx.Response:
    answers: list[httpx.Response] = []

    def refused() -> bool:
        answers.append(get(service, "/health/ready"))
        return answers[-1].status_code == 503

    assert eventually(refused, seconds=A_WHILE)
    return answers[-1]


def test_attacks_take_no_memory_and_others_are_served(project: Project) -> None:
    with serving(project, LIMIT_CONCURRENCY=CONNECTIONS) as service, descriptors(SILENT + 500):
        resource.prlimit(service.pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
        asyncio.run(others_are_served(service))
        before = memory(service, "VmRSS")
        Path(f"/proc/{service.pid}/clear_refs").write_text("5")  # resets the peak
        peaks: dict[str, int] = {}
        for attack in (headers, trailers, silence, slow_bodies, not_numbers):
            asyncio.run(attack(service))
            peaks[attack.__name__] = memory(service, "VmHWM") - before
        print(f"KiB above {before}: {peaks}")
        assert max(peaks.values()) < GROWTH, peaks


@contextmanager
def descriptors(number: int) -> Generator[None]:
    """Let this process open at least this many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(number, hard)), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def memory(service: Service, what: str) -> int:
    """Return the memory of a service in KiB: VmRSS, or VmHWM for its peak."""
    status = Path(f"/proc/{service.pid}/status").read_text()
    return int(status.partition(f"{what}:")[2].split()[0])


async def others_are_served(service: Service) -> None:
    """Send some requests, each on a connection of its own, and expect 200."""
    for _ in range(10):
        for path in (b"/health/live", b"/api/posts"):
            request = b"GET %b HTTP/1.1\r\nHost: localhost\r\n" % path
            answer = await converse(service, request + LAST)
            assert answer.startswith(OK), answer


async def headers(service: Service) -> None:
    """Send headers, one without an end and many small ones."""
    await flood(service, GET + b"a: ", b"b" * 65_536)
    await flood(service, GET, b"a: b\r\n" * 10_000)


async def trailers(service: Service) -> None:
    await flood(service, CHUNKED + b"1\r\n{\r\n0\r\n", b"a: b\r\n" * 10_000)


async def flood(service: Service, start: bytes, more: bytes) -> None:
    """Send much data, on as many connections as that takes, while others are served."""

    async def attacker() -> None:
        url, sent = httpx.URL(service.address), 0
        while sent < FLOOD * MEGABYTE:
            _, writer = await asyncio.open_connection(url.host, url.port)
            try:
                writer.write(start)
                while sent < FLOOD * MEGABYTE:
                    writer.write(more)
                    await writer.drain()
                    sent += len(more)
            except ConnectionError:
                pass  # refused, as it should be
            finally:
                writer.close()

    await asyncio.gather(attacker(), others_are_served(service))


async def silence(service: Service) -> None:
    """Open connections that send nothing."""
    await hold(service, SILENT, b"")


async def slow_bodies(service: Service) -> None:
    await hold(service, 10, POST + b"Content-Length: 1000\r\n\r\n{")


async def hold(service: Service, number: int, start: bytes) -> None:
    """Begin requests, and do not go on with them while others are served."""
    url = httpx.URL(service.address)
    opened = [await asyncio.open_connection(url.host, url.port) for _ in range(number)]
    for _, writer in opened:
        writer.write(start)
    await others_are_served(service)
    for _, writer in opened:
        writer.close()


async def not_numbers(service: Service) -> None:
    """Send a body of 1 MB whose every value is wrong."""
    for value in (b"NaN", b"1e999"):
        body = b'{"email": [%b]}' % b",".join([value] * (MEGABYTE // (len(value) + 1)))
        length = b"Content-Length: %d\r\n" % len(body)
        answer, _ = await asyncio.gather(
            converse(service, POST + length + LAST + body), others_are_served(service)
        )
        assert answer.startswith(b"HTTP/1.1 422"), answer
