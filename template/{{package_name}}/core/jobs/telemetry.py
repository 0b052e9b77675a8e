# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The span of a job, a child of the span that enqueued it, and the metric of its duration."""

import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from opentelemetry import metrics, trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from .arguments import TRACEPARENT

BUCKETS = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 900)  # seconds

tracer = trace.get_tracer(__name__)
duration = metrics.get_meter(__name__).create_histogram(
    "messaging.process.duration",
    unit="s",
    description="Duration of jobs.",
    explicit_bucket_boundaries_advisory=BUCKETS,
)
propagator = TraceContextTextMapPropagator()


def caller() -> dict[str, str]:
    """The current trace, to be stored with the arguments of a job."""
    carrier: dict[str, str] = {}
    propagator.inject(carrier)
    return {TRACEPARENT: carrier["traceparent"]} if carrier else {}


@contextmanager
def span(
    name: str, kind: SpanKind, attributes: dict[str, Any], parent: Context | None = None
) -> Generator[Span]:
    """A span while the block runs. If that raises, `attributes` and the span get the error's type."""
    with tracer.start_as_current_span(
        name,
        context=parent,
        kind=kind,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        try:
            yield current
        except BaseException as error:
            attributes["error.type"] = f"{type(error).__module__}.{type(error).__qualname__}"
            current.set_attribute("error.type", attributes["error.type"])
            current.set_status(StatusCode.ERROR)
            raise


@contextmanager
def traced(task: str, job: UUID, arguments: Mapping[str, Any]) -> Generator[None]:
    """Follow a job while the block runs."""
    attributes: dict[str, Any] = {
        "messaging.system": "jobs",
        "messaging.operation.name": "process",
        "messaging.destination.name": task,
    }
    stored = arguments.get(TRACEPARENT) if hasattr(arguments, "get") else None
    parent = propagator.extract({"traceparent": str(stored or "")})
    started = time.perf_counter()
    try:
        with span(f"process {task}", SpanKind.CONSUMER, attributes, parent) as current:
            of_span = {"messaging.operation.type": "process", "messaging.message.id": str(job)}
            current.set_attributes(of_span)
            yield
    finally:
        duration.record(time.perf_counter() - started, attributes)
