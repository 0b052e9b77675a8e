"""Edits of template files that a release moves or removes are not lost unnoticed."""

import re
from functools import cache
from itertools import cycle
from pathlib import Path

import pytest

from groundplan.cli import run
from groundplan.git import Git
from groundplan.updates.merging import new_name
from groundplan.updates.releases import Clone

from ..support.projects import Project
from . import services
from .history import NEWEST, commit, git, released, scratch, template
from .services import copy, files, is_users

pytestmark = pytest.mark.full

CASES = list(zip(released(), cycle(["aiosqlite", "asyncpg", "aiomysql"])))
MOVED = [case for case in CASES if case[0] in ("v0.1.0", "v0.2.0")]  # 0.3.0 moved their files
PACKAGE = "my_service"


@cache
def gone(release: str, driver: str) -> dict[str, str | None]:
    """Return a release's template files that the newest one lacks, with their new names."""
    clone = Clone(Git(template()), "")
    moves = list(clone.moves(clone.release(release), clone.release(NEWEST)))
    folder = scratch() / f"gone-{release}-{driver}"
    old = files(copy(release, folder / "old", {"driver": driver}))
    new = files(copy(NEWEST, folder / "new", {"driver": driver}))
    names = {path: new_name(path, moves, PACKAGE) for path in sorted(old.keys() - new.keys())}
    return {
        path: name if name in new else None for path, name in names.items() if not is_users(path)
    }


def edited(release: str, driver: str, folder: Path, *, moved: bool) -> list[str]:
    """Create a service, and add a line to each file that moved, or to each that was removed."""
    services.service(release, folder, {"driver": driver})
    paths = [path for path, name in gone(release, driver).items() if (name is not None) == moved]
    for path in paths:
        with folder.joinpath(path).open("a") as file:
            file.write(f"\n# mine: {path}\n")
    commit(folder)
    return paths


@pytest.mark.parametrize(("release", "driver"), CASES)
def test_each_moved_or_removed_file_is_listed_under_upgrading(release: str, driver: str) -> None:
    changelog = (template() / "CHANGELOG.md").read_text()
    removed = re.findall(r"(?m)^\| `([^`]+)` \| removed", changelog)
    for path, name in gone(release, driver).items():
        within = path.removeprefix(f"{PACKAGE}/")
        assert name or any(within.startswith(one) for one in removed), path


@pytest.mark.parametrize(("release", "driver"), MOVED)
def test_an_edit_of_each_moved_file_is_carried(release: str, driver: str, tmp_path: Path) -> None:
    folder = tmp_path / "service"
    moved = edited(release, driver, folder, moved=True)
    assert len(moved) > 5
    conflicts = run(["update", str(folder)])
    unmerged = git(folder, "diff", "--name-only", "--diff-filter=U").split()
    assert bool(unmerged) == bool(conflicts)
    for path in moved:
        name = gone(release, driver)[path]
        assert name is not None
        assert f"# mine: {path}\n" in folder.joinpath(name).read_text()
        assert not folder.joinpath(path).exists()


@pytest.mark.parametrize(("release", "driver"), MOVED)
def test_an_edit_of_each_removed_file_stops_the_update_and_names_it(
    release: str, driver: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "service"
    removed = edited(release, driver, folder, moved=False)
    before = files(folder)
    assert run(["update", str(folder)]) == 1
    error = capsys.readouterr().err
    assert [path for path in removed if path not in error] == []
    assert files(folder) == before


def check(folder: Path) -> str:
    """Return what `manage.py check` reports about the last update."""
    return Project(folder).manage("check", "--tag", "updates").stderr


def test_after_plain_copier_check_names_the_edited_files_that_moved(tmp_path: Path) -> None:
    folder = tmp_path / "service"
    lost = edited("v0.2.0", "aiosqlite", folder, moved=True)
    kept = folder / PACKAGE / "core/db/pagination.py"
    kept.write_text(f"{kept.read_text()}\n# mine too\n")
    commit(folder)
    services.update(folder, NEWEST)
    for state in ("uncommitted", "committed", "followed by another commit"):
        said = check(folder)
        assert {path for path in lost if f"removed {path}." in said} == {*lost}, state
        assert said.count("(updates.W001)") == len(lost), state
        commit(folder, state)
    line = f"# mine: {lost[0]}"
    assert f"Your edits are lost, such as {line!r}." in said
    shown = re.search(rf"`git show (\S+):\./{lost[0]}`", said)
    assert shown is not None
    assert line in git(folder, "show", f"{shown[1]}:./{lost[0]}")
    kept.write_text(kept.read_text() + "".join(f"# mine: {path}\n" for path in lost))
    assert check(folder) == ""


def test_after_groundplan_update_check_names_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "service"
    edited("v0.2.0", "aiosqlite", folder, moved=True)
    run(["update", str(folder)])
    for path in git(folder, "diff", "--name-only", "--diff-filter=U").split():
        sides = [git(folder, "show", f":{stage}:{path}") for stage in (3, 2)]
        mine = [line for line in sides[1].splitlines() if line.startswith("# mine: ")]
        folder.joinpath(path).write_text("\n".join([sides[0], *mine, ""]))
    git(folder, "add", "--all")
    assert check(folder) == ""
    commit(folder)
    assert check(folder) == ""


def test_check_names_nothing_without_edits_history_or_git(tmp_path: Path) -> None:
    folder = services.service("v0.2.0", tmp_path / "service")
    services.update(folder, NEWEST)
    assert check(folder) == ""
    commit(folder)
    assert check(folder) == ""
    folder.joinpath(".git").rename(tmp_path / "history")
    assert check(folder) == ""
