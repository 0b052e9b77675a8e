"""What a service and its worker export by OTLP."""

import json
import re
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

import pytest
import yaml
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from .support.otlp import Receiver, Span
from .support.processes import eventually, free_port
from .support.projects import ROOT, Project, Service, render
from .support.servers import Server
from .support.sql import execute

PATIENCE = 60.0  # seconds
ADDRESS = "ada@example.com"
CALLERS = 8
LABELS = re.compile(r"by \([^)]*\)|\{[^}]*\}")
VALUE = re.compile(r'"[^"]*"')
NAME = re.compile(r"\b(?:http|db|messaging)_\w+")


@pytest.fixture(scope="module")
def received(postgresql: Server, tmp_path_factory: pytest.TempPathFactory) -> Generator[Receiver]:
    """What arrives of a sign-up, the mail of its job, waits for the only connection, and a failure."""
    root = render(tmp_path_factory.mktemp("telemetry") / "project", driver=postgresql.driver)
    project = Project(root, database=postgresql.create_database())
    assert project.database is not None
    project.manage("migrate")
    mail = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    mail.start()
    with Receiver() as receiver:
        telemetry = {
            "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
            "MAIL_URL": f"smtp://127.0.0.1:{mail.port}",
            "OTEL_BSP_SCHEDULE_DELAY": "100",  # milliseconds
            "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
        }
        one = {"DB_POOL_SIZE": "1", "DB_MAX_OVERFLOW": "0", "OTEL_SERVICE_NAME": "web"}
        web = replace(project, settings={**telemetry, **one})
        worker = replace(project, settings={**telemetry, "OTEL_SERVICE_NAME": "worker"})
        with web.serve() as service:
            sign_up = service.client.post("/api/auth/signup", json={"email": ADDRESS})
            assert sign_up.status_code == 202, sign_up.text
            assert eventually(lambda: has_waited(service, receiver), seconds=PATIENCE)
            execute(project.database, "DROP TABLE comments CASCADE")
            missing = service.client.get(f"/api/posts/{uuid4()}/comments")
            assert missing.status_code == 500, missing.text
        worker.manage("worker", "--once")
        yield receiver
    mail.stop()
    postgresql.drop_database(project.database)


def has_waited(service: Service, receiver: Receiver) -> bool:
    """Send requests at once, and return whether a request had to wait for the connection."""
    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(service.client.get, ["/api/posts"] * 4 * CALLERS))
    return any(span.name == "wait for a connection" for span in receiver.spans)


def trace_of(request: str, received: Receiver) -> list[Span]:
    """The spans of the first such request."""
    first = next(span for span in received.spans if span.name == request)
    return [span for span in received.spans if span.trace == first.trace]


def test_the_trace_of_a_request_has_its_statements_and_its_job_with_the_mail(
    received: Receiver,
) -> None:
    spans = trace_of("POST /api/auth/signup", received)
    by_key = {span.key: span for span in spans}
    enqueued = next(span for span in spans if span.name == "INSERT job")
    commit = next(span for span in spans if span.name == "COMMIT" and span.service == "web")
    job = next(span for span in spans if span.name == "process users.send_sign_up")
    mail = next(span for span in spans if span.name == "send mail")
    loaded = next(span for span in spans if span.name == "SELECT users")
    assert {enqueued.service, commit.service} == {"web"}
    assert {job.service, mail.service, loaded.service} == {"worker"}
    assert by_key[enqueued.parent].name == by_key[job.parent].name == "fastapi.endpoint"
    assert by_key[mail.parent] == by_key[loaded.parent] == job
    assert enqueued.attributes["db.system.name"] == "postgresql"
    assert enqueued.attributes["db.operation.name"] == "INSERT"
    assert enqueued.attributes["db.query.text"].startswith("INSERT INTO job (id, task, ")
    assert loaded.attributes["db.response.returned_rows"] == 0
    assert not any(span.failed for span in spans)


def test_a_failed_statement_has_the_type_of_its_error(received: Receiver) -> None:
    failed = {span.name: span.attributes["error.type"] for span in received.spans if span.failed}
    assert failed["WITH comments"] == "sqlalchemy.exc.ProgrammingError"
    codes = {span.attributes.get("db.response.status_code") for span in received.spans}
    assert codes == {None, "42P01"}  # no such table


def test_a_failed_request_has_the_type_of_its_error(received: Receiver) -> None:
    [failed] = [span for span in received.spans if span.failed and span.name.startswith("GET /")]
    assert failed.name == "GET /api/posts/{id}/comments"
    assert failed.attributes["error.type"] == "sqlalchemy.exc.ProgrammingError"
    points = received.metrics["http.server.request.duration"]
    assert {point["error.type"] for point in points if "error.type" in point} == {
        "sqlalchemy.exc.ProgrammingError"
    }


def test_no_value_is_exported(received: Receiver) -> None:
    assert ADDRESS not in str(received)


def test_statements_pool_and_jobs_are_measured(received: Receiver) -> None:
    statements = received.metrics["db.client.operation.duration"]
    assert {"INSERT job", "SELECT users"} <= {point.get("db.query.summary") for point in statements}
    assert {point["db.system.name"] for point in statements} == {"postgresql"}
    assert all(point["db.namespace"].startswith("groundplan_") for point in statements)
    states = {
        point["db.client.connection.state"]
        for point in received.metrics["db.client.connection.count"]
    }
    assert states == {"idle", "used"}
    [job, *_] = received.metrics["messaging.process.duration"]
    assert job["messaging.destination.name"] == "users.send_sign_up"
    assert received.metrics["db.client.connection.wait_time"]
    assert received.metrics["db.client.connection.pending_requests"]
    assert received.metrics["http.server.request.duration"]


def test_the_dashboard_and_the_alerts_use_names_that_arrive(received: Receiver) -> None:
    dashboard = json.loads((ROOT / "docs/telemetry/dashboard.json").read_text())
    alerts = yaml.safe_load((ROOT / "docs/telemetry/alerts.yml").read_text())
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    watched = [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]
    shown, watched = ([VALUE.sub('""', text) for text in texts] for texts in (shown, watched))
    parts = [part for text in shown + watched for part in LABELS.findall(text)]
    labels = {label for part in parts for label in re.findall(r"[a-z_]{3,}(?=[,)=!]|$)", part)}
    names = {name for text in shown + watched for name in NAME.findall(LABELS.sub("", text))}
    known = {
        key.replace(".", "_") for points in received.metrics.values() for p in points for key in p
    }
    assert labels <= known | {"job"}
    assert names <= {name for metric in received.units for name in in_prometheus(metric, received)}
    assert len(shown) > 10
    assert len(watched) > 4


def in_prometheus(metric: str, received: Receiver) -> list[str]:
    """The names of a metric's series in Prometheus: seconds are durations, which are histograms."""
    name = metric.replace(".", "_")
    if received.units[metric] == "s":
        return [f"{name}_seconds_{part}" for part in ("bucket", "count", "sum")]
    return [name]
