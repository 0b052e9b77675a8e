"""A service moves to another database with its owner's edits and all rows."""

import json
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import URL

from groundplan.cli import run

from ..conftest import SERVERS
from ..support import servers, traces
from ..support.deep import DEEP
from ..support.projects import Project
from ..support.servers import KINDS, Server
from ..updates.services import files, is_users
from .lived_in import COPYDATA, dump, furnish, live_in, save, tracked

ROWS = 10_000 if DEEP else 400
MYSQL = servers.names()[-1]  # MariaDB if no MySQL is given
ALL = [
    (old, new)
    for old, new in permutations(servers.names(), 2)
    if KINDS[old].driver != KINDS[new].driver
]
SOME = [("sqlite", "postgresql"), ("postgresql", "mariadb"), (MYSQL, "sqlite")]


@pytest.mark.full
@pytest.mark.usefixtures("quickly")
@pytest.mark.parametrize(("old", "new"), ALL if DEEP else SOME)
@pytest.mark.long
def test_a_service_moves(
    request: pytest.FixtureRequest, tmp_path: Path, old: str, new: str
) -> None:
    known = request.config.stash[SERVERS]
    source, target = (known.get(name, folder=tmp_path) for name in (old, new))
    lived_in = live_in(tmp_path / "service", source, rows=ROWS)
    assert lived_in.database is not None
    moved = replace(lived_in, database=target.create_database())
    assert moved.database is not None
    try:
        before, rows = tracked(moved.root), dump(lived_in)
        assert (
            run(["update", str(moved.root), "--to", ":current:", f"--set=driver={target.driver}"])
            == 0
        )
        assert_only_the_template_changed(
            before, tracked(moved.root), fresh=tmp_path / "fresh", to=target
        )
        save(moved.root)
        moved.manage("migrate")
        assert copied(moved, lived_in.database) == ROWS
        assert dump(moved) == rows
        assert_it_serves(moved)
        moved.manage("makemigrations", "--check")
        if DEEP:
            moved.manage("test")
    finally:
        source.drop_database(lived_in.database)
        target.drop_database(moved.database)


def assert_only_the_template_changed(
    before: dict[str, bytes], after: dict[str, bytes], *, fresh: Path, to: Server
) -> None:
    """The owner's files are unchanged; the others are as if rendered for the new driver and then edited."""
    furnish(fresh, to.driver)
    expected = files(fresh)
    for path in before.keys() | after.keys() | expected.keys():
        origin = before if is_users(path) else expected
        assert after.get(path) == origin.get(path), path
    texts = ((path, text.decode()) for path, text in after.items())
    assert traces.of_others(to.driver, texts) == set()


def copied(project: Project, source: URL) -> int:
    """Copy the rows, and return the number that the command reports."""
    assert project.database is not None
    urls = [url.render_as_string(hide_password=False) for url in (source, project.database)]
    done = project.run(*COPYDATA, "--json", "--from", urls[0], "--to", urls[1])
    report = json.loads(done.stdout)
    assert report["left_behind"] == []
    return sum(table["rows"] for table in report["tables"])


def assert_it_serves(project: Project) -> None:
    """The service returns copied rows, and a new row gets the next key."""
    with project.serve() as service:
        assert service.client.get("/health/ready").is_success
        assert service.client.get("/api/shelves/1").json()["items"]
        made = service.client.post("/api/shelves", params={"label": "one more"})
        assert (made.status_code, made.json()["id"]) == (201, ROWS // 20 + 1)


@pytest.mark.full
def test_the_app_is_clean_code(tmp_path: Path) -> None:
    project = Project(furnish(tmp_path / "project", "aiosqlite"))
    app, bin_ = "my_service/apps/stock", project.python.parent
    project.run(bin_ / "ruff", "check", "--no-cache", "--extend-ignore", "S311", app)  # no secrets
    project.run(bin_ / "ruff", "format", "--check", "--no-cache", app)
    project.run(bin_ / "mypy", "--strict")
