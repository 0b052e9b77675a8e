"""The page for Prometheus: one for all processes of a server, and one for each worker."""

import json
import os
import re
import signal
import subprocess
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from .support.processes import (
    apt_installed,
    descendants,
    eventually,
    free_port,
    spawn,
    stop,
    wait_until,
)
from .support.projects import ROOT, Project, Service, render
from .support.servers import Server

pytestmark = pytest.mark.full

PATIENCE = 60.0  # seconds
# Their arguments have no types.
parser: Any = import_module("prometheus_client.parser")
open_parser: Any = import_module("prometheus_client.openmetrics.parser")
parse = parser.text_string_to_metric_families
parse_open = open_parser.text_string_to_metric_families
REQUESTS = "http_server_request_duration_seconds"
JOBS = "messaging_process_duration_seconds"
LIST = {"http_route": "/api/posts", "http_response_status_code": "200"}
OPEN_METRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}
CALLERS = 8
LABELS = re.compile(r"by \([^)]*\)|\{[^}]*\}")
NAME = re.compile(r"\b(?:http|db|messaging)_\w+")


class Page:
    """The page of a process.

    Args:
        port: as in OTEL_EXPORTER_PROMETHEUS_PORT.
    """

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/metrics"

    def text(self, **headers: str) -> str:
        answer = httpx.get(self.url, headers=headers, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.text

    def total(self, sample: str, **labels: str) -> float:
        """The sum of the samples of a name that have these labels."""
        values: list[float] = [
            found.value
            for family in parse(self.text())
            for found in family.samples
            if found.name == sample and labels.items() <= found.labels.items()
        ]
        return sum(values)


def scraped(project: Project, port: int, **settings: str) -> Project:
    """The project, with a page for Prometheus."""
    asked = {
        "OTEL_METRICS_EXPORTER": "prometheus",
        "OTEL_EXPORTER_PROMETHEUS_PORT": str(port),
        "MAIL_URL": "console:",
    }
    return Project(project.root, project.database, settings={**asked, **settings})


@pytest.fixture(scope="module")
def project(sqlite: Server, tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = render(tmp_path_factory.mktemp("prometheus") / "project", driver=sqlite.driver)
    project = Project(root, database=sqlite.create_database())
    project.manage("migrate")
    return project


def ask(service: Service, times: int) -> None:
    """Send requests, each on a connection of its own, so that any process may answer."""
    for _ in range(times):
        answer = httpx.get(f"{service.address}/api/posts", trust_env=False)
        assert answer.status_code == 200, answer.text


def ask_all(service: Service, page: Page, processes: int) -> int:
    """Send requests until this many processes have answered; return the number of requests."""
    sent = 0

    def have_answered() -> bool:
        nonlocal sent
        ask(service, 5)
        sent += 5
        return page.total("db_client_connection_count") == processes

    assert eventually(have_answered, seconds=PATIENCE), page.text()
    return sent


def environment(process: int) -> list[str]:
    return Path(f"/proc/{process}/environ").read_text().rstrip("\0").split("\0")


def test_the_page_adds_up_all_processes_and_survives_their_end(project: Project) -> None:
    port = free_port()
    page = Page(port)
    with scraped(project, port).serve("--workers", "2") as service:
        sent = ask_all(service, page, processes=2)
        assert eventually(lambda: page.total(f"{REQUESTS}_count", **LIST) == sent, seconds=PATIENCE)
        victim, *others = descendants(service.pid, "multiprocessing.spawn")
        assert others
        os.kill(victim, signal.SIGKILL)
        assert eventually(
            lambda: page.total("db_client_connection_count") < 2, seconds=PATIENCE
        )  # its gauges are gone
        assert page.total(f"{REQUESTS}_count", **LIST) == sent
        sent += ask_all(service, page, processes=2)
        assert eventually(lambda: page.total(f"{REQUESTS}_count", **LIST) == sent, seconds=PATIENCE)
        assert page.total(f"{REQUESTS}_bucket", le="+Inf", **LIST) == sent
        assert page.total(f"{REQUESTS}_sum", **LIST) > 0
        assert f"http://127.0.0.1:{port}/metrics" in service.log
        exact = list(parse_open(page.text(**OPEN_METRICS)))
        assert {family.name for family in exact} == {f.name for f in parse(page.text())}
        series = Counter(
            (sample.name, *sorted(sample.labels.items()))
            for family in exact
            for sample in family.samples
        )
        assert set(series.values()) == {1}
        address = dict(each.split("=", 1) for each in environment(others[0]))["METRICS_SOCKET"]
        Path(address).unlink()  # as a program that tidies /tmp may do
        os.kill(others[0], signal.SIGKILL)
        told = "the metrics of this process are not shown"
        assert eventually(lambda: told in service.log, seconds=PATIENCE), service.log
        ask(service, 5)
        stopped = service.stop()
    assert stopped.exit_code == 0
    assert "Warning" not in service.log


def test_a_worker_has_a_page(project: Project, tmp_path: Path) -> None:
    port = free_port()
    page, log = Page(port), tmp_path / "log"
    with project.serve() as service:
        body = {"email": "ada@example.com"}
        assert service.client.post("/api/auth/signup", json=body).status_code == 202
    with log.open("w") as output:
        worker = spawn(
            [project.python, "manage.py", "worker"],
            cwd=project.root,
            log=output,
            env=scraped(project, port).environment(),
        )

        def has_run() -> bool:
            try:
                return (
                    page.total(f"{JOBS}_count", messaging_destination_name="users.send_sign_up")
                    == 1
                )
            except httpx.TransportError:
                return False

        try:
            assert wait_until(has_run, worker, seconds=PATIENCE), log.read_text()
        finally:
            stop(worker)


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        (
            {"OTEL_EXPORTER_PROMETHEUS_HOST": "192.0.2.1"},
            "cannot answer Prometheus on 192.0.2.1, port 9464: Cannot assign requested address. Stop "
            "the program that uses it, or set OTEL_EXPORTER_PROMETHEUS_HOST and _PORT.",
        ),
        (
            {"OTEL_EXPORTER_PROMETHEUS_PORT": "65536"},
            "OTEL_EXPORTER_PROMETHEUS_PORT=65536 is not a port. Set it to a number up to 65535.",
        ),
    ],
)
def test_a_page_that_cannot_be_served_is_refused(
    project: Project, settings: dict[str, str], error: str
) -> None:
    refused = scraped(project, 9464, **settings).manage("runserver", expect=1)
    assert refused.stderr == f"Error: {error}\n"


def test_the_extra_is_named_where_it_is_missing(project: Project, tmp_path: Path) -> None:
    missing = "raise ModuleNotFoundError('prometheus_client')"
    tmp_path.joinpath("prometheus_client.py").write_text(missing)
    without = scraped(project, 9464, PYTHONPATH=str(tmp_path))
    assert without.manage("runserver", expect=1).stderr == (
        "Error: OTEL_METRICS_EXPORTER=prometheus needs the extra telemetry. "
        "Run uv sync --extra telemetry.\n"
    )


# Debian's Prometheus


@pytest.fixture(scope="module")
def programs() -> str:
    """The path of Prometheus, which comes with promtool."""
    return apt_installed("prometheus", "prometheus", "Prometheus")


class Prometheus:
    """A running Prometheus.

    Args:
        port: of its API.
    """

    def __init__(self, port: int) -> None:
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", trust_env=False)

    def get(self, path: str, **parameters: str) -> Any:
        answer = self.client.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def value(self, query: str) -> float | None:
        """The value of a query that has one result; None without a result."""
        results = self.get("/query", query=query)["result"]
        return float(results[0]["value"][1]) if results else None

    def is_ready(self) -> bool:
        try:
            return self.client.get("/status/buildinfo").status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def scraping(program: str, folder: Path, targets: dict[str, int]) -> Generator[Prometheus]:
    """Run Prometheus with docs/telemetry/alerts.yml; `targets` are ports by the name of the job."""
    port = free_port()
    configuration = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(ROOT / "docs/telemetry/alerts.yml")],
        "scrape_configs": [
            {"job_name": name, "static_configs": [{"targets": [f"127.0.0.1:{target}"]}]}
            for name, target in targets.items()
        ],
    }
    folder.joinpath("prometheus.yml").write_text(yaml.safe_dump(configuration))
    prometheus, log = Prometheus(port), folder / "prometheus.log"
    with log.open("w") as output, prometheus.client:
        process = spawn(
            [
                program,
                "--config.file=prometheus.yml",
                "--storage.tsdb.path=data",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            cwd=folder,
            log=output,
        )
        try:
            assert wait_until(prometheus.is_ready, process, seconds=PATIENCE), log.read_text()
            yield prometheus
        finally:
            stop(process)


@pytest.mark.deep
def test_prometheus_receives_what_the_dashboard_and_the_alerts_show(
    project: Project, tmp_path: Path, programs: str
) -> None:
    check = ("promtool", "check", "rules", ROOT / "docs/telemetry/alerts.yml")
    assert "SUCCESS: 6 rules found" in subprocess.run(check, capture_output=True, text=True).stdout
    dashboard = json.loads((ROOT / "docs/telemetry/dashboard.json").read_text())
    alerts = yaml.safe_load((ROOT / "docs/telemetry/alerts.yml").read_text())
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    shown = [text.replace("$__rate_interval", "1m").replace("$job", "shop") for text in shown]
    watched = [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]
    port = free_port()
    settings = {"DB_POOL_SIZE": "1", "DB_MAX_OVERFLOW": "0"}
    with (
        scraped(project, port, **settings).serve("--workers", "2", "--with-worker") as service,
        scraping(programs, tmp_path, {"shop": port}) as prometheus,
    ):
        page = Page(port)
        body = {"email": "grace@example.com"}
        assert service.client.post("/api/auth/signup", json=body).status_code == 202
        sent = ask_all(service, page, processes=2)

        def has_waited() -> bool:
            nonlocal sent
            with ThreadPoolExecutor(CALLERS) as pool:
                list(pool.map(partial(ask, service), [5] * CALLERS))
            sent += 5 * CALLERS
            return page.total("db_client_connection_wait_time_seconds_count") > 0

        assert eventually(has_waited, seconds=PATIENCE), page.text()
        counted = f'sum({REQUESTS}_count{{job="shop", http_route="/api/posts"}})'
        assert eventually(lambda: prometheus.value(counted) == sent, seconds=PATIENCE)
        os.kill(descendants(service.pid, "multiprocessing.spawn")[0], signal.SIGKILL)
        sent += ask_all(service, page, processes=2)
        assert eventually(lambda: prometheus.value(counted) == sent, seconds=PATIENCE)
        assert prometheus.value(f"sum(resets({REQUESTS}_count[1h]))") == 0
        jobs = f'sum({JOBS}_count{{messaging_destination_name="users.send_sign_up"}})'
        assert eventually(lambda: prometheus.value(jobs) == 1, seconds=PATIENCE)
        known = set(prometheus.get("/label/__name__/values"))
        used = {name for text in shown + watched for name in NAME.findall(LABELS.sub("", text))}
        assert used <= known
        for query in shown + watched:
            prometheus.get("/query", query=query)
        rules = [rule for group in prometheus.get("/rules")["groups"] for rule in group["rules"]]
        assert {rule["name"]: rule["health"] for rule in rules} == dict.fromkeys(
            (rule["alert"] for group in alerts["groups"] for rule in group["rules"]), "ok"
        )
