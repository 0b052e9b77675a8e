# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The number of processes that serve requests, and what they need for telemetry."""

import os
from importlib import import_module

VARIABLE = "WEB_CONCURRENCY"


def workers() -> int:
    """The number that WEB_CONCURRENCY sets; 1 by default."""
    value = os.environ.get(VARIABLE, "")
    return int(value) if value.isdecimal() else 1


def prepare_telemetry() -> None:
    """Bound the time that a stopping process waits for a collector, and answer Prometheus if asked.

    It sends what is left of each signal as one batch, for at most a second, unless OTEL_* differ.
    """
    os.environ.setdefault("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    for signal in ("BSP", "BLRP"):  # spans, log records
        if f"OTEL_{signal}_MAX_QUEUE_SIZE" not in os.environ:
            os.environ.setdefault(f"OTEL_{signal}_MAX_EXPORT_BATCH_SIZE", "2048")  # all
    if "prometheus" in os.environ.get("OTEL_METRICS_EXPORTER", "").lower():
        import_module(".metrics", __package__).serve_metrics()
