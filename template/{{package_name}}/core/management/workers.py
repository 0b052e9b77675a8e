# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The number of processes that serve requests, and how long they wait for telemetry."""

import os

VARIABLE = "WEB_CONCURRENCY"


def workers() -> int:
    """The number that WEB_CONCURRENCY sets; 1 by default."""
    value = os.environ.get(VARIABLE, "")
    return int(value) if value.isdecimal() else 1


def limit_exports() -> None:
    """Bound the time that a stopping process waits for a telemetry collector that is down.

    It sends what is left of each signal: now as one batch, for at most a second. Your own OTEL_*
    variables come first.
    """
    os.environ.setdefault("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    for signal in ("BSP", "BLRP"):  # spans, log records
        if f"OTEL_{signal}_MAX_QUEUE_SIZE" not in os.environ:
            os.environ.setdefault(f"OTEL_{signal}_MAX_EXPORT_BATCH_SIZE", "2048")  # all
