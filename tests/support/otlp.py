"""A receiver of OTLP over HTTP: keeps the spans and the metrics that services export."""

import gzip
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric


@dataclass(frozen=True)
class Span:
    """A span, with its attributes; `failed` is its status."""

    name: str
    trace: bytes
    key: bytes
    parent: bytes
    attributes: dict[str, Any]
    failed: bool
    service: str


@dataclass
class Receiver:
    """Listens while the block runs.

    Attributes:
        spans: all that have arrived.
        metrics: the attributes of the points of each metric, by its name.
        units: of the metrics.
    """

    spans: list[Span] = field(default_factory=list[Span])
    metrics: dict[str, list[dict[str, Any]]] = field(
        default_factory=dict[str, list[dict[str, Any]]]
    )
    units: dict[str, str] = field(default_factory=dict[str, str])

    def __enter__(self) -> Self:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                if self.path == "/v1/traces":
                    receiver.take_spans(body)
                elif self.path == "/v1/metrics":
                    receiver.take_metrics(body)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def take_spans(self, body: bytes) -> None:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = values(resource.resource.attributes)["service.name"]
            self.spans += [
                Span(
                    span.name,
                    span.trace_id,
                    span.span_id,
                    span.parent_span_id,
                    values(span.attributes),
                    span.status.code == span.status.STATUS_CODE_ERROR,
                    service,
                )
                for scope in resource.scope_spans
                for span in scope.spans
            ]

    def take_metrics(self, body: bytes) -> None:
        for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    self.units[metric.name] = metric.unit
                    self.metrics.setdefault(metric.name, []).extend(points(metric))


def points(metric: Metric) -> list[dict[str, Any]]:
    """The attributes of each point."""
    kind = metric.WhichOneof("data")
    assert kind is not None
    return [values(point.attributes) for point in getattr(metric, kind).data_points]


def values(attributes: Any) -> dict[str, Any]:
    """Attributes as a dict."""
    pairs: list[KeyValue] = list(attributes)
    return {
        pair.key: getattr(pair.value, pair.value.WhichOneof("value") or "string_value")
        for pair in pairs
    }
