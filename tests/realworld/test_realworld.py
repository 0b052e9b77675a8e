"""The RealWorld API ("Conduit"), built from the documentation with few hand-written lines.

Its official tests are a Postman collection, which newman runs in a deep run, on every database. The
tests of `test_translation.py` are ours, and run wherever the collection cannot.
"""

import re
from pathlib import Path

import pytest

from ..conftest import ALL
from ..resources.support import assert_sound
from ..support import newman
from ..support.projects import Project, Service
from ..support.servers import Server
from .building import HERE, build

pytestmark = pytest.mark.full

MOST_BY_HAND = 350  # lines of code
ASSERTIONS = 311  # of the official collection
MECHANISM = re.compile(r"hashlib|hmac|argon2|bcrypt|jwt|\bsecrets\b")


def test_at_most_350_lines_are_written_by_hand(tmp_path: Path) -> None:
    lines = build(tmp_path / "conduit", "aiosqlite")
    assert lines.by_hand <= MOST_BY_HAND, lines
    assert lines.thrown_away <= 5, lines  # those that an edit replaces
    files = [HERE / "edits.diff", *HERE.glob("conduit/**/*.py")]
    assert [file for file in files if MECHANISM.search(file.read_text())] == []


@pytest.mark.long
def test_the_service_passes_every_check(sqlite: Server, tmp_path: Path) -> None:
    build(tmp_path / "conduit", sqlite.driver)
    project = Project(tmp_path / "conduit", database=sqlite.create_database())
    assert_sound(project, "tests/users")


@pytest.mark.deep
@pytest.mark.parametrize("database", ALL, indirect=True)
def test_the_official_collection_passes(
    service: Service, newman_program: str, tmp_path: Path
) -> None:
    run = newman.run(newman_program, service.address, tmp_path / "report.json")
    assert [failure["error"]["message"] for failure in run["failures"]] == []
    assert (run["stats"]["assertions"]["total"], run["stats"]["assertions"]["failed"]) == (
        ASSERTIONS,
        0,
    )
