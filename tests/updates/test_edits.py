"""An update keeps the owner's edits, or reports a conflict."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import cycle, product
from pathlib import Path

import pytest

from groundplan.cli import run
from groundplan.updates import releases, service
from groundplan.updates.merging import Merged, merge
from groundplan.updates.rendering import Rendered, render

from ..conftest import SERVERS
from ..support import servers
from ..support.deep import DEEP
from ..support.projects import Project
from ..support.servers import KINDS
from . import services
from .edits import EDITS, Edit
from .history import commit, git, scratch
from .services import files
from .tomorrow import MOVED, TAG, tomorrow

pytestmark = pytest.mark.full

FIRST = "v0.1.0"
DRIVERS = ("aiosqlite", "asyncpg", "aiomysql")
TOGETHER = [edit for edit in EDITS if not edit.alone and not edit.conflicts]
APART = [edit for edit in EDITS if edit not in TOGETHER]
CASES = list(product(EDITS, DRIVERS) if DEEP else zip(APART, cycle(DRIVERS)))
CONFLICTING = [edit for edit in EDITS if edit.conflicts]
NAMES = {
    old.replace("template/", "").replace("{{package_name}}", "my_service"): new.replace(
        "template/", ""
    ).replace("{{package_name}}", "my_service")
    for old, new in MOVED.items()
}


@pytest.mark.parametrize(("edit", "driver"), CASES, ids=lambda part: getattr(part, "name", part))
def test_an_edit_survives(tmp_path: Path, edit: Edit, driver: str) -> None:
    """In a deep run, each edit is tested alone and with every driver."""
    assert_survival(tmp_path / "service", [edit], driver)


@pytest.mark.parametrize("driver", DRIVERS)
def test_edits_survive_together(tmp_path: Path, driver: str) -> None:
    assert_survival(tmp_path / "service", TOGETHER, driver)


def assert_survival(folder: Path, edits: Sequence[Edit], driver: str) -> None:
    """Merge a service with edits; assert that nothing is lost, and a conflict only where expected."""
    services.service(FIRST, folder, {"driver": driver})
    old = files(folder)
    for edit in edits:
        edit.make(folder)
        commit(folder, edit.name)
    merged = merged_with_tomorrow(folder, driver)
    assert not merged.orphaned
    expected = any(edit.conflicts_with(driver) for edit in edits)
    assert bool(merged.conflicting) == expected, merged.conflicting
    git(folder, "fetch", "--quiet", str(merged.git.folder), "merged")
    mine = files(folder)
    git(folder, "reset", "--quiet", "--hard", "FETCH_HEAD")
    assert_nothing_is_lost(old, mine, files(folder), new=files(tomorrows(driver)))


def test_at_most_seven_percent_of_the_edits_conflict() -> None:
    assert sum(edit.conflicts for edit in EDITS) / len(EDITS) <= 0.07


@pytest.mark.parametrize("name", servers.names() if DEEP else ["sqlite"])
def test_a_service_with_all_edits_is_updated_and_passes_its_tests(
    request: pytest.FixtureRequest, tmp_path: Path, name: str
) -> None:
    driver = KINDS[name].driver
    folder = services.service(FIRST, tmp_path / "service", {"driver": driver})
    old = files(folder)
    for edit in TOGETHER:
        edit.make(folder)
        commit(folder, edit.name)
    mine = files(folder)
    assert update(folder) == 0
    assert_nothing_is_lost(old, mine, files(folder), new=files(tomorrows(driver)))
    server = request.config.stash[SERVERS].get(name, folder=tmp_path)
    database = server.create_database()
    try:
        project = Project(folder, database)
        project.manage("migrate")
        project.manage("makemigrations", "--check")
        project.manage("test")
    finally:
        server.drop_database(database)


@pytest.mark.parametrize(
    "edit", CONFLICTING if DEEP else CONFLICTING[::4], ids=lambda edit: edit.name
)
def test_a_conflict_is_listed_and_exits_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], edit: Edit
) -> None:
    folder = services.service(FIRST, tmp_path / "service", {"driver": "asyncpg"})
    edit.make(folder)
    commit(folder)
    assert update(folder) == 1
    unmerged = git(folder, "diff", "--name-only", "--diff-filter=U").split()
    assert unmerged
    assert set(capsys.readouterr().err.split()) >= set(unmerged)


def update(folder: Path) -> int:
    """Run `groundplan update`; return its exit code."""
    return run(["update", str(folder), "--template", str(tomorrow())])


@cache
def tomorrows(driver: str) -> Path:
    """Return an unedited service, updated to the future release."""
    folder = services.service(FIRST, scratch() / f"tomorrows-{driver}", {"driver": driver})
    services.update(folder, TAG, template=tomorrow())
    return folder


def merged_with_tomorrow(folder: Path, driver: str) -> Merged:
    """Merge as the command does; the template's change is rendered once for all edits."""
    found = service.find(folder)
    template = rendered(driver).git.folder
    alternates = template / ".git/objects/info/alternates"
    alternates.write_text(f"{alternates.read_text()}{folder}/.git/objects\n")
    moves = clone().moves(clone().release(FIRST), clone().release(TAG))
    return merge(found, rendered(driver), TAG, moves)


@cache
def clone() -> releases.Clone:
    return releases.clone(str(tomorrow()), scratch() / "tomorrow-clone")


@cache
def rendered(driver: str) -> Rendered:
    folder = services.service(FIRST, scratch() / f"unedited-{driver}", {"driver": driver})
    found = service.find(folder)
    return render(
        found,
        releases.Clone(clone().git, found.address),
        current=clone().release(FIRST),
        target=clone().release(TAG),
        changed={},
        into=scratch() / f"pristine-{driver}",
    )


def assert_nothing_is_lost(
    old: dict[str, bytes], mine: dict[str, bytes], merged: dict[str, bytes], new: dict[str, bytes]
) -> None:
    """Assert that all lines that the owner added are kept, and none that they removed is back."""
    for path in old.keys() | mine.keys():
        if old.get(path) == mine.get(path):
            continue
        name = NAMES.get(path, path)
        origin = moved_from(path, old, mine)
        if path not in mine:
            assert name not in merged, f"{path} is back"
            continue
        before, edited = lines(old, origin), lines(mine, path)
        outcome, news = lines(merged, name), lines(new, NAMES.get(origin, origin))
        added, taken = edited - before, before - edited
        lost = {
            line
            for line in added
            if outcome[line] < edited[line] - max(before[line] - news[line], 0)
        }
        assert not lost, f"{name} has lost {lost}"
        back = {
            line
            for line in taken
            if outcome[line] > edited[line] + max(news[line] - before[line], 0)
        }
        assert not back or b"<<<<<<< yours" in merged[name], f"{name} has regained {back}"


def moved_from(path: str, old: dict[str, bytes], mine: dict[str, bytes]) -> str:
    """Return a file's name before its owner moved it."""
    if path in old:
        return path
    candidates = [name for name, text in old.items() if text == mine[path] and name not in mine]
    return candidates[0] if candidates else path


def lines(tree: dict[str, bytes], path: str) -> Counter[bytes]:
    return Counter(tree.get(path, b"").splitlines())
