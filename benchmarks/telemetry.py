"""Measures what telemetry costs a request: switched off, by OTLP with 10 % of the traces sampled, and for Prometheus.

The floor is the same service without FastAPI's telemetry and ours. The servers take turns as in `service`. What
they export is received by a process on the client's core, which drops it.
"""

import asyncio
import shutil
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import Process
from pathlib import Path

from tests.support.processes import free_port
from tests.support.projects import Project
from tests.support.servers import Server

from . import generated, peers, report, service
from .databases import on_each
from .report import Figure

WITHOUT = f"{peers.OURS} without telemetry"
OFF = f"{peers.OURS}, off"
SAMPLED = f"{peers.OURS}, OTLP, 10 % sampled"
SCRAPED = f"{peers.OURS}, Prometheus"

# What a request passes through in FastAPI's application, and what it would without telemetry.
APPLICATION = "class Application(FastAPI):\n"
IMPORT = "from fastapi import FastAPI\n"
PLAIN = f"{APPLICATION}    __call__ = Starlette.__call__\n"


def main() -> None:
    """Print a Markdown table for PostgreSQL, or the databases in DATABASES."""
    on_each(measure, "postgresql")


def measure(server: Server, folder: Path) -> None:
    """Print the figures on a database."""
    database = server.create_database()
    try:
        project = generated.create(folder, server.driver, database)
        spare = service.set_aside(project, database)
        keys = generated.fill(project, service.ROWS)
        with ExitStack() as running:
            sink = running.enter_context(dropped())
            sampled = {
                "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{sink}",
                "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
                "OTEL_TRACES_SAMPLER_ARG": "0.1",
            }
            scraped = {
                "OTEL_METRICS_EXPORTER": "prometheus",
                "OTEL_EXPORTER_PROMETHEUS_PORT": str(free_port()),
            }
            variants = {
                WITHOUT: stripped(project, folder.with_name(f"{folder.name}-without")),
                OFF: project,
                SAMPLED: replace(project, settings=sampled),
                SCRAPED: replace(project, settings=scraped),
            }
            stacks = [
                running.enter_context(
                    peers.serve(name, replace(one, python=Path(sys.executable)), database)
                )
                for name, one in variants.items()
            ]
            service.compare_answers(stacks, keys[0])
            peers.pin(peers.CLIENT_CORE)
            samples = asyncio.run(service.take_turns(stacks, keys, spare, database))
    finally:
        server.drop_database(database)
    figures = {
        name: {of: Figure(samples[name, of]) for of in service.OPERATIONS} for name in variants
    }
    title = f"{server.kind.title} {server.version()}"
    print(report.markdown(report.Table(title, WITHOUT, service.OPERATIONS, figures)), flush=True)


def stripped(project: Project, folder: Path) -> Project:
    """Return a copy of the project whose requests pass no telemetry."""
    shutil.copytree(project.root, folder)
    app = folder / "my_service/core/web/app.py"
    code = app.read_text()
    assert APPLICATION in code
    code = code.replace(APPLICATION, PLAIN)
    code = code.replace(IMPORT, f"{IMPORT}from starlette.applications import Starlette\n")
    app.write_text(code)
    return replace(project, root=folder)


@contextmanager
def dropped() -> Generator[int]:
    """Receive whatever is sent to a port, in a separate process, while the block runs."""
    port = free_port()
    process = Process(target=drop, args=[port], daemon=True)
    process.start()
    try:
        yield port
    finally:
        process.terminate()
        process.join()


def drop(port: int) -> None:
    peers.pin(peers.CLIENT_CORE)
    ThreadingHTTPServer(("127.0.0.1", port), Drop).serve_forever()


class Drop(BaseHTTPRequestHandler):
    """Answers each request with 200, and forgets it."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass
