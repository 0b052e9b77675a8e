"""`manage.py jobs` and `manage.py worker`, as an operator uses them."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest

from ..conftest import each_driver
from ..support.processes import eventually
from ..support.projects import ROOT, Project
from ..support.sql import execute

pytestmark = [pytest.mark.full, each_driver]


@pytest.fixture(autouse=True)
def one_job(project: Project) -> None:
    assert project.database is not None
    execute(project.database, "DELETE FROM job")
    project.run(project.python, "enqueue.py", "1")


def listed(project: Project, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        project.manage("jobs", "list", "--json", *options).stdout
    )
    return found


def test_a_job_is_listed_shown_cancelled_retried_run(project: Project) -> None:
    [job] = listed(project, "--state", "ready", "--queue", "default")
    assert (job["task"], job["attempts"], job["priority"]) == ("errands.slow_deed", 0, 0)
    assert listed(project, "--task", "errands.other") == []
    shown = json.loads(project.manage("jobs", "show", job["id"], "--json").stdout)
    assert shown["arguments"] == {"number": 0, "seconds": 0.02}
    assert "task: errands.slow_deed" in project.manage("jobs", "show", job["id"]).stdout
    assert project.manage("jobs", "cancel", job["id"]).stdout == "Cancelled jobs: 1\n"
    assert [job["state"] for job in listed(project)] == ["cancelled"]
    assert project.manage("jobs", "retry", "--all").stdout == "Jobs that run again: 1\n"
    project.manage("worker", "--once")
    assert listed(project) == []


def test_ended_jobs_are_purged_by_age(project: Project) -> None:
    project.manage("jobs", "cancel", "--task", "errands.slow_deed")
    purge = ("jobs", "purge", "--state", "cancelled", "--days")
    assert project.manage(*purge, "1").stdout == "Deleted jobs: 0\n"
    assert project.manage(*purge, "0").stdout == "Deleted jobs: 1\n"
    refused = project.manage(*purge, "1000000", expect=2).stderr
    assert "1000000.0 is not in the range 0<=x<=365000" in refused


def test_statistics_count_jobs_by_state(project: Project) -> None:
    found = json.loads(project.manage("jobs", "stats", "--json").stdout)
    [queue] = found["queues"]
    assert (queue["queue"], queue["ready"], queue["failed"]) == ("default", 1, 0)
    assert queue["oldest_ready"] >= 0
    assert found["workers"] == []
    assert "default" in project.manage("jobs", "stats").stdout


def test_the_query_for_exporters_finds_what_the_statistics_show(project: Project) -> None:
    assert project.database is not None
    page = (ROOT / "docs/telemetry.md").read_text()
    queries = re.findall(r"^ *(SELECT queue.*?GROUP BY queue)$", page, re.MULTILINE | re.DOTALL)
    assert len(queries) == 3
    dialects = ("postgresql", "mysql", "sqlite")  # in the order of the page
    query = queries[dialects.index(project.database.get_backend_name())]
    for state, run_at, oldest in (
        ("ready", "2026-01-02 03:04:05.000000", True),
        ("scheduled", "2026-01-02 03:04:05.000000", True),
        ("scheduled", "2099-01-02 03:04:05.000000", False),
        ("running", "2026-01-02 03:04:05.000000", False),
    ):
        change = f"UPDATE job SET state = '{state}', run_at = '{run_at}'"
        execute(project.database, change)
        rows = execute(project.database, query)
        [queue] = json.loads(project.manage("jobs", "stats", "--json").stdout)["queues"]
        assert (queue["oldest_ready"] is not None) is oldest
        assert [row[:2] for row in rows] == ([("default", 1)] if oldest else [])
        for row in rows:
            assert float(row[2]) == pytest.approx(queue["oldest_ready"], abs=60)


def test_check_reports_a_job_that_no_worker_runs(project: Project) -> None:
    assert "no issues" in project.manage("check", "--tag", "jobs").stdout
    assert project.database is not None
    for state in ("ready", "scheduled"):
        change = "UPDATE job SET state = :state, run_at = '2026-01-02 03:04:05.000000'"
        execute(project.database, change, {"state": state})
        warned = project.manage("check", "--tag", "jobs").stderr
        assert "(jobs.W001) The oldest job that is due has waited for " in warned
        assert "manage.py worker" in warned
        project.manage("check", "--tag", "jobs", "--deploy", expect=1)
        stats = json.loads(project.manage("jobs", "stats", "--json").stdout)
        assert stats["queues"][0]["oldest_ready"] > 300
    project.manage("worker", "--once")
    assert "no issues" in project.manage("check", "--tag", "jobs").stdout


def test_mistakes_are_explained(project: Project) -> None:
    unknown = str(uuid4())
    assert (
        f"no job has the id {unknown}" in project.manage("jobs", "show", unknown, expect=1).stderr
    )
    assert "Name jobs by their ids" in project.manage("jobs", "cancel", expect=2).stderr
    assert "Invalid value" in project.manage("jobs", "show", "7", expect=2).stderr


def test_a_worker_in_the_server_begins_again_after_an_unexpected_error(project: Project) -> None:
    """Here a row that was edited by hand, which other databases refuse."""
    database = project.database
    assert database is not None
    if database.get_backend_name() != "sqlite":
        return
    execute(database, "UPDATE job SET state = 'running', worker_id = 'no'")
    with project.serve("--with-worker") as service:
        assert eventually(lambda: "the worker has ended" in service.log, seconds=30)
        execute(database, "UPDATE job SET state = 'ready', worker_id = NULL")
        left = "SELECT COUNT(*) FROM job"
        assert eventually(lambda: execute(database, left) == [(0,)], seconds=30), service.log
