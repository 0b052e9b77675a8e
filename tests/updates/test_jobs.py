"""The answer `jobs` in existing services, and changes to the tables of `core`."""

import json
import shutil
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import yaml

from groundplan.cli import run

from ..conftest import each_driver
from ..support.deep import DEEP
from ..support.projects import Project
from ..support.servers import Server
from . import services
from .history import BEFORE_USERS, NEWEST, commit, git
from .services import current, files, is_users, update
from .templates import with_other_core_tables, with_other_core_texts

MODELS = "my_service/core/jobs/models.py"
OLDER = list(zip(BEFORE_USERS, cycle(["aiosqlite", "asyncpg", "aiomysql"])))
ENDS = OLDER if DEEP else [OLDER[0], OLDER[-1]]  # test_law.py has every release


def templates(found: dict[str, bytes]) -> dict[str, bytes]:
    return {
        path: text
        for path, text in found.items()
        if not is_users(path) and not path.endswith(".pyc") and ".ruff_cache" not in path
    }


def answer(folder: Path) -> object:
    return yaml.safe_load((folder / ".copier-answers.yml").read_text())["jobs"]


@pytest.mark.full
@pytest.mark.parametrize(("release", "driver"), ENDS)
def test_an_update_adds_no_jobs_to_an_older_service(
    tmp_path: Path, release: str, driver: str
) -> None:
    ours = services.service(release, tmp_path / "ours [of] mine", {"driver": driver})
    plain = shutil.copytree(ours, tmp_path / "plain", symlinks=True)
    assert run(["update", str(ours)]) == 0
    update(plain, NEWEST)
    assert answer(ours) is answer(plain) is False
    fresh = current(tmp_path / "fresh", {"driver": driver})
    assert templates(files(ours)) == templates(files(plain)) == templates(files(fresh))


@pytest.mark.full
@pytest.mark.parametrize(("release", "driver"), OLDER if DEEP else OLDER[:1])
def test_jobs_are_added_to_an_older_service_and_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], release: str, driver: str
) -> None:
    folder = services.service(release, tmp_path / "service", {"driver": driver})
    assert run(["update", str(folder), "--set=jobs=yes"]) == 0
    assert f"Tables of core change in {MODELS}: the service needs a revision." in (
        said := capsys.readouterr().out
    )
    assert said.index("makemigrations -m") < said.index("manage.py migrate")
    fresh = current(tmp_path / "fresh", {"driver": driver, "jobs": True})
    assert templates(files(folder)) == templates(files(fresh))
    commit(folder)
    assert run(["update", str(folder), "--set=jobs=no"]) == 0
    fresh = current(tmp_path / "without", {"driver": driver})
    assert templates(files(folder)) == templates(files(fresh))


@pytest.mark.full
def test_plain_copier_adds_jobs_to_an_older_service(tmp_path: Path) -> None:
    folder = services.service("v0.3.0", tmp_path / "service")
    update(folder, NEWEST, {"jobs": True})
    fresh = current(tmp_path / "fresh", {"jobs": True})
    assert templates(files(folder)) == templates(files(fresh))


@pytest.mark.full
@each_driver
@pytest.mark.long
def test_the_tables_of_core_come_change_and_go_by_makemigrations(
    tmp_path: Path, database: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """No revision needs an answer: `manage.py` runs without a terminal."""
    folder = services.service(NEWEST, tmp_path / "service", {"driver": database.driver})
    url = database.create_database()
    service = Project(folder, url)
    service.manage("migrate")
    without = templates(files(folder))

    assert changed(folder, capsys, "--set=jobs=yes") == [MODELS]
    assert "+ Create table job\n" in revised(service, "add jobs")
    there = templates(files(folder))

    template = str(with_other_core_tables())
    assert changed(folder, capsys, "--template", template) == [MODELS]
    said = revised(service, "update core")
    for line in (
        "+ Create table job_batch\n",
        "+ Add column job.progress",
        "+ Add column job.note",
    ):
        assert line in said
    assert "- Drop column job_worker.concurrency" in said

    assert changed(folder, capsys, "--set=jobs=no") == [MODELS]
    assert "- Drop table job_batch\n" in revised(service, "drop jobs")
    assert without.keys() == templates(files(folder)).keys() < there.keys()
    service.manage("migrate", "base")
    database.drop_database(url)


def changed(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """Update a service and commit; return the modules that need a revision."""
    capsys.readouterr()
    assert run(["update", str(folder), "--json", *words]) == 0
    commit(folder)
    facts: dict[str, Any] = json.loads(capsys.readouterr().out)
    needed: list[str] = facts["revision_needed"]
    return needed


def revised(service: Project, name: str) -> str:
    """Write the revision and apply it; return what makemigrations printed."""
    said = service.manage("makemigrations", "-m", name).stdout
    service.manage("migrate")
    service.manage("makemigrations", "--check")
    commit(service.root)
    return said


@pytest.mark.full
def test_other_changes_of_core_need_no_revision(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = services.service(NEWEST, tmp_path / "service", {"jobs": True})
    template = str(with_other_core_texts())
    assert run(["update", str(folder), "--template", template, "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert f"update    {MODELS}" in said
    assert "revision" not in said


@pytest.mark.full
def test_verify_skips_the_checks_that_need_the_revision(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = services.service(NEWEST, tmp_path / "service")
    python = folder / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    assert run(["update", str(folder), "--set=jobs=yes", "--verify"]) == 0
    said = capsys.readouterr().out
    assert "skipped   manage.py makemigrations --check: create the revision first" in said
    assert "passed    manage.py check" in said
    assert git(folder, "status", "--porcelain")
