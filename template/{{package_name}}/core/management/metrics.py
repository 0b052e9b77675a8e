# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Shows the metrics to Prometheus. Imported only if OTEL_METRICS_EXPORTER names it."""

import logging
import os

from .errors import CommandError

logger = logging.getLogger(__name__)


def serve_metrics() -> None:
    """Answer Prometheus for this process and those that it starts."""
    asked = os.environ["OTEL_METRICS_EXPORTER"].lower().split(",")
    others = [name.strip() for name in asked if name.strip() != "prometheus"]
    os.environ["OTEL_METRICS_EXPORTER"] = ",".join(others) or "none"  # FastAPI knows otlp and none
    host = os.environ.get("OTEL_EXPORTER_PROMETHEUS_HOST", "127.0.0.1")
    port = os.environ.get("OTEL_EXPORTER_PROMETHEUS_PORT", "9464")
    if not port.isdecimal() or int(port) > 65535:
        raise CommandError(
            f"OTEL_EXPORTER_PROMETHEUS_PORT={port} is not a port",
            "Set it to a number up to 65535.",
        )
    try:
        from ..prometheus import serve

        serve(host, int(port))
    except ModuleNotFoundError:
        raise CommandError(
            "OTEL_METRICS_EXPORTER=prometheus needs the extra telemetry",
            "Run uv sync --extra telemetry.",
        ) from None
    except OSError as error:
        raise CommandError(
            f"cannot answer Prometheus on {host}, port {port}: {error.strerror}",
            "Stop the program that uses it, or set OTEL_EXPORTER_PROMETHEUS_HOST and _PORT.",
        ) from None
    logger.info("metrics for Prometheus on http://%s:%s/metrics", host, port)
