"""What the log, Sentry and OpenTelemetry learn of a request."""

import json
import logging
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import sentry_sdk
from fastapi import FastAPI
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport
from sqlalchemy import text
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.stdlib import ProcessorFormatter
from structlog.testing import capture_logs

from my_service.core import db
from my_service.core.web import Router, SessionDep, create_app
from my_service.core.web.middleware.request_log import RequestLog
from my_service.core.web.request_id import add_request
from my_service.settings import settings

router = Router(prefix="/things")


@router.get("/{id}")
async def read(id: int, session: SessionDep) -> int:
    return int((await session.execute(text("SELECT 1"))).scalar_one()) + id


@router.get("/{id}/broken")
async def divide_by_zero(id: int) -> float:
    return id / 0


class Kept(logging.Handler):
    """Keeps the lines that the root handler writes."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, Any]] = []
        [self.formatter] = {
            handler.formatter
            for handler in logging.getLogger().handlers
            if isinstance(handler.formatter, ProcessorFormatter)
        }

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))


@dataclass
class Observed:
    """A service, and the lines of its log: those of `logging`, and those of structlog."""

    app: FastAPI
    kept: Kept
    own: list[Any] = field(default_factory=list[Any])

    async def get(self, path: str) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, client=("192.0.2.7", 1234))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(path)

    def lines(self, event: str) -> list[dict[str, Any]]:
        """Return the lines whose event begins with a text."""
        return [line for line in (*self.kept.lines, *self.own) if line["event"].startswith(event)]


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Generator[Observed]:
    """A service whose log is JSON, and to which each statement is slow."""
    monkeypatch.setattr(settings, "db_slow_query", 1e-9)
    app = create_app(settings.model_copy(update={"debug": False}), title="Test")
    app.include_router(router, prefix="/api")
    kept = Kept()
    logging.getLogger().addHandler(kept)
    try:
        with capture_logs([add_request]) as own:
            yield Observed(app, kept, own)
    finally:
        logging.getLogger().removeHandler(kept)


class Span(NonRecordingSpan):
    """A span that keeps the exceptions that it is given."""

    def __init__(self) -> None:
        super().__init__(SpanContext(0xABC, 0xDEF, is_remote=False, trace_flags=TraceFlags(1)))
        self.raised: list[BaseException] = []

    def record_exception(self, exception: BaseException, *rest: Any, **named: Any) -> None:
        self.raised.append(exception)


@contextmanager
def collected() -> Generator[list[Any]]:
    """Collect the events that Sentry would be sent."""
    events: list[Any] = []

    class Collector(Transport):
        def capture_envelope(self, envelope: Envelope) -> None:
            if (found := envelope.get_event()) is not None:
                events.append(found)

    sentry_sdk.init(dsn="https://key@sentry.example/1", transport=Collector)
    try:
        yield events
    finally:
        sentry_sdk.init()


async def test_the_access_log_names_the_client_and_the_route(service: Observed) -> None:
    answer = await service.get("/api/things/5?secret=1")
    [line] = service.lines("request")
    assert line["client"] == "192.0.2.7"
    assert (line["path"], line["route"]) == ("/api/things/5", "/api/things/{id}")
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert "trace_id" not in line


async def test_a_request_that_reached_no_route_has_none(service: Observed) -> None:
    await service.get("/nowhere")
    [line] = service.lines("request")
    assert "route" not in line


async def test_a_slow_statement_names_its_request(service: Observed) -> None:
    answer = await service.get("/api/things/5")
    [line] = [line for line in service.lines("slow statement") if "SELECT 1" in line["event"]]
    assert line["route"] == "/api/things/{id}"
    assert line["request_id"] == answer.headers["X-Request-ID"]


async def test_a_line_names_the_trace(service: Observed) -> None:
    with trace.use_span(Span()):
        await service.get("/api/things/5")
        async with db.transaction() as session:
            await session.execute(text("SELECT 2"))
    found = [*service.lines("request"), *service.lines("slow")]
    assert {line["event"].partition(",")[0] for line in found} >= {"request", "slow statement"}
    assert {line["trace_id"] for line in found} == {f"{0xABC:032x}"}
    assert {line["span_id"] for line in found} == {f"{0xDEF:016x}"}


async def test_an_unhandled_exception_is_one_line_one_event_and_part_of_the_span(
    service: Observed,
) -> None:
    span = Span()
    with collected() as events, trace.use_span(span):
        answer = await service.get("/api/things/5/broken")
    assert answer.status_code == 500
    [line] = service.lines("unhandled exception")
    assert line["exception"].endswith("ZeroDivisionError: division by zero")
    assert line["request_id"] == answer.json()["request_id"]
    assert line["route"] == "/api/things/{id}/broken"
    [event] = events
    assert event["exception"]["values"][-1]["type"] == "ZeroDivisionError"
    assert [type(error) for error in span.raised] == [ZeroDivisionError]


def test_a_line_outside_of_requests_has_no_id(service: Observed) -> None:
    logging.getLogger("elsewhere").warning("a line")
    [line] = service.lines("a line")
    assert line.keys() == {"event", "level", "timestamp", "logger"}


async def test_an_error_in_plain_text_that_breaks_off_has_no_status() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 400, "headers": headers})
        raise ValueError("broken")

    with capture_logs() as logs, pytest.raises(ValueError, match="broken"):
        await call(broken)
    assert [line["status"] for line in logs if line["event"] == "request"] == [None]


async def test_an_error_may_have_no_headers() -> None:
    async def bare(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 404})
        await send({"type": "http.response.body"})

    assert [message.get("status") for message in await call(bare)] == [404, None]


async def call(app: ASGIApp) -> list[Message]:
    """Send a request to an application below the log, and return its answer."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "scheme": "http"}
    await RequestLog(app)(scope, receive, send)
    return sent
