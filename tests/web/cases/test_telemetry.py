"""FastAPI's telemetry: without a provider of OpenTelemetry, no request looks for one."""

from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry import trace
from opentelemetry.trace import INVALID_SPAN, ProxyTracerProvider, Span, Tracer, TracerProvider

from my_service.core.web import create_app
from my_service.settings import settings


class Recorded(TracerProvider):
    """A provider that counts the tracers it is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get_tracer(self, instrumenting_module_name: str, *arguments: Any, **named: Any) -> Tracer:
        self.asked.append(instrumenting_module_name)
        return trace.NoOpTracer()


async def requests(app: FastAPI, number: int) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        for _ in range(number):
            assert (await client.get("/health/live")).status_code == 200


async def test_no_request_looks_for_a_provider_that_is_not_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[None] = []

    def look() -> TracerProvider:
        looks.append(None)
        return ProxyTracerProvider()

    monkeypatch.setattr(trace, "get_tracer_provider", look)
    app = create_app(settings, title="Telemetry")
    await requests(app, 1)
    assert len(looks) == 1  # FastAPI's own, before the start
    async with app.router.lifespan_context(app):
        looks.clear()
        await requests(app, 3)
    assert looks == []


async def test_a_provider_that_is_set_at_the_start_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(settings, title="Telemetry")
    recorded = Recorded()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: recorded)
    async with app.router.lifespan_context(app):
        await requests(app, 1)
    assert recorded.asked == ["my_service.core.telemetry", "fastapi"]


async def test_a_request_that_is_not_sampled_has_no_further_spans(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spans: list[str] = []

    def note(tracer: Tracer, name: str, **options: object) -> AbstractContextManager[Span]:
        spans.append(name)
        return nullcontext(INVALID_SPAN)

    app = create_app(settings, title="Telemetry")
    recorded = Recorded()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: recorded)
    monkeypatch.setattr(trace.NoOpTracer, "start_as_current_span", note)
    async with app.router.lifespan_context(app):
        await requests(app, 1)
    assert spans == []


@pytest.mark.parametrize(
    ("sql", "name", "text"),
    [
        ("SELECT 'O''Neil', 1.5, 2e5 FROM t", "SELECT t", "SELECT ?, ?, ? FROM t"),
        ('UPDATE "Post" SET a1 = $1, b = :1', "UPDATE Post", 'UPDATE "Post" SET a1 = $1, b = :1'),
        ("INSERT INTO `a` VALUES (%s, -7)", "INSERT a", "INSERT INTO `a` VALUES (%s, -?)"),
        ("SELECT a FROM b WHERE c = 'odd", "SELECT b", "SELECT a FROM b WHERE c = …"),
        (
            "SELECT a FROM (SELECT a FROM b) AS c",
            "SELECT b",
            "SELECT a FROM (SELECT a FROM b) AS c",
        ),
        ("savepoint x", "SAVEPOINT", "savepoint x"),
    ],
)
def test_a_statement_is_named_and_shown_without_values(sql: str, name: str, text: str) -> None:
    summarize = import_module("my_service.core.telemetry").summarize
    assert (summarize(sql).name, summarize(sql).text) == (name, text)
