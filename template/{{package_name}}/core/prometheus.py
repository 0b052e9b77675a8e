# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Metrics for Prometheus: those of all processes of a server on one page.

The first process answers Prometheus. Each process that serves requests or runs jobs sends it its
metrics. The libraries are those of the extra `telemetry`.
"""

import logging
import os
from collections.abc import Iterable
from contextlib import suppress
from copy import copy
from functools import cache
from importlib import import_module
from itertools import chain
from multiprocessing.connection import Client, Connection, Listener
from threading import Lock, Thread
from time import sleep
from typing import Any

from opentelemetry import metrics

SOCKET = "METRICS_SOCKET"  # the variable that holds the address of the first process's socket
INTERVAL = 1.0  # seconds between two messages of a process

exporter: Any = import_module("opentelemetry.exporter.prometheus")
prometheus: Any = import_module("prometheus_client")
Metrics = list[Any]  # of `prometheus_client.Metric`

logger = logging.getLogger(__name__)


class Collector:
    """Adds up what the processes send. Counts of ended processes stay: a counter never decreases."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: dict[Connection, Metrics] = {}
        self._ended: Metrics = []

    def collect(self) -> Metrics:
        """The sums, for `prometheus_client`."""
        with self._lock:
            return add_up([self._ended, *self._running.values()])

    def listen(self, listener: Listener) -> None:
        while True:
            Thread(target=self.receive, args=[listener.accept()], daemon=True).start()

    def receive(self, connection: Connection) -> None:
        """Keep the latest metrics of a process, and its counts when it has ended."""
        latest: Metrics = []
        with suppress(EOFError, OSError), connection:
            while True:
                latest = connection.recv()
                with self._lock:
                    self._running[connection] = latest
        counts = [metric for metric in latest if metric.type in ("counter", "histogram")]
        with self._lock:
            self._running.pop(connection, None)
            self._ended = add_up([self._ended, counts])


def add_up(pages: Iterable[Metrics]) -> Metrics:
    """Add metrics of the same names and labels. An empty label is the same as none."""
    families: dict[str, Any] = {}
    series: dict[tuple[str, str, frozenset[tuple[str, str]]], Any] = {}
    for metric in chain.from_iterable(pages):
        families.setdefault(metric.name, copy(metric)).samples = []
        for sample in metric.samples:
            labels = {name: value for name, value in sample.labels.items() if value}
            key = (metric.name, sample.name, frozenset(labels.items()))
            value = sample.value + (series[key].value if key in series else 0)
            series[key] = sample._replace(labels=labels, value=value)
    for (name, *_), sample in series.items():
        families[name].samples.append(sample)
    return list(families.values())


def serve(host: str, port: int) -> None:
    """Answer Prometheus from now on; processes started later find the way by the environment."""
    collector = Collector()
    prometheus.start_http_server(port, host, collector)
    listener = Listener()
    os.environ[SOCKET] = str(listener.address)
    Thread(target=collector.listen, args=[listener], daemon=True).start()


@cache
def connect() -> None:
    """Send the metrics of this process to the first one from now on."""
    try:
        connection = Client(os.environ[SOCKET])
    except OSError as error:
        logger.warning("the metrics of this process are not shown: %s", error)
        return
    registry = prometheus.CollectorRegistry()
    reader = exporter.PrometheusMetricReader(
        disable_target_info=True, scope_info_enabled=False, registry=registry
    )
    provider: Any = metrics.get_meter_provider()
    if hasattr(provider, "add_metric_reader"):
        provider.add_metric_reader(reader)
    else:
        sdk = import_module("opentelemetry.sdk.metrics")
        metrics.set_meter_provider(sdk.MeterProvider([reader]))
    Thread(target=send, args=[connection, registry], daemon=True).start()


def send(connection: Connection, registry: Any) -> None:
    with suppress(OSError), connection:  # until the first process has ended
        while True:
            connection.send(list(registry.collect()))
            sleep(INTERVAL)
