"""Killed anywhere, an update leaves a clean service, or one that `git reset --hard` restores."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from groundplan.cli import run
from groundplan.updates import applying, releases, running, service
from groundplan.updates.merging import Merged, merge
from groundplan.updates.rendering import render
from groundplan.updates.service import Service

from ..support.deep import DEEP
from ..support.processes import eventually
from . import services
from .history import commit, git
from .services import files
from .tomorrow import TAG, tomorrow

pytestmark = pytest.mark.full

STEPS = 100  # more than an update has
MOMENTS = 40 if DEEP else 12  # while an update is applied
WHOLE = 40 if DEEP else 4  # while the whole command runs


def edited(folder: Path) -> Path:
    """Create a service with an edit that merges, one that conflicts, and a file that git ignores."""
    services.service("v0.1.0", folder)
    toml = folder / "pyproject.toml"
    text = toml.read_text().replace("fastapi>=0.165", "fastapi>=0.165,<0.200")
    toml.write_text(text.replace('version = "0.1.0"', 'version = "2.0.0"'))
    commit(folder)
    folder.joinpath(".env").write_text("DEBUG=true\n")
    return folder


@pytest.fixture(scope="module")
def update(tmp_path_factory: pytest.TempPathFactory) -> tuple[Service, Merged]:
    """A service, and an update that is ready to be applied to it."""
    scratch = tmp_path_factory.mktemp("update")
    found = service.find(edited(scratch / "service"))
    clone = releases.clone(str(tomorrow()), scratch / "template")
    rendered = render(
        found,
        clone,
        current=clone.release("v0.1.0"),
        target=clone.release(TAG),
        changed={},
        into=scratch / "pristine",
    )
    merged = merge(found, rendered, TAG)
    assert merged.conflicting == ["pyproject.toml"]
    assert {"create", "remove", "update"} <= {change.action for change in merged.changes}
    return found, merged


def test_an_update_killed_at_any_step_can_be_undone(update: tuple[Service, Merged]) -> None:
    found, merged = update
    before = files(found.root)
    touched: list[bool] = []
    for step in range(STEPS):
        child = forked(found, merged, dies_at=step)
        status = os.waitpid(child, 0)[1]
        touched.append(assert_restored(found.root, before))
        if not os.WIFSIGNALED(status):
            assert os.waitstatus_to_exitcode(status) == 0
            break
    else:
        pytest.fail(f"the update has more than {STEPS} steps")
    assert touched == sorted(touched), "after the first change, every later step leaves changes"
    assert touched.count(True) > 5
    assert touched.count(False) > 5


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_an_update_killed_at_any_moment_with_its_children_can_be_undone(
    update: tuple[Service, Merged], moment: int
) -> None:
    found, merged = update
    before = files(found.root)
    began = time.monotonic()
    os.waitpid(forked(found, merged), 0)
    whole = time.monotonic() - began
    assert assert_restored(found.root, before)
    child = forked(found, merged)
    time.sleep(whole * moment / MOMENTS)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert eventually(partial(ended, child), seconds=30)
    assert_restored(found.root, before)


@pytest.mark.long
def test_the_command_killed_at_any_moment_can_be_undone(tmp_path: Path) -> None:
    folder = edited(tmp_path / "service")
    before = files(folder)
    began = time.monotonic()
    assert command(folder).wait() == 1
    whole = time.monotonic() - began
    assert assert_restored(folder, before)
    for moment in range(WHOLE):
        killed = command(folder)
        time.sleep(whole * moment / WHOLE)
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
        assert eventually(partial(ended, killed.pid), seconds=30)
        touched = assert_restored(folder, before)
        assert not (touched and moment == 0)
    assert command(folder).wait() == 1
    assert assert_restored(folder, before)


def test_an_update_after_an_interrupted_one_says_how_to_undo_it(
    update: tuple[Service, Merged], capsys: pytest.CaptureFixture[str]
) -> None:
    found, merged = update
    for step in range(STEPS):
        os.waitpid(forked(found, merged, dies_at=step), 0)
        if git(found.root, "status", "--porcelain"):
            break
    assert run(["update", str(found.root)]) == 1
    error = capsys.readouterr().err
    git(found.root, "reset", "--quiet", "--hard")
    told = (
        f"An update of {found.root} was interrupted. "
        "Undo it with `git reset --hard`, then update again."
    )
    assert error == f"Error: {told}\n"


def test_the_owners_changes_are_not_mistaken_for_an_interrupted_update(
    update: tuple[Service, Merged], capsys: pytest.CaptureFixture[str]
) -> None:
    found, merged = update
    os.waitpid(forked(found, merged, dies_at=6), 0)
    assert not git(found.root, "status", "--porcelain")
    found.root.joinpath("README.md").write_text("mine\n")
    assert run(["update", str(found.root)]) == 1
    git(found.root, "checkout", "README.md")
    assert "reset" not in capsys.readouterr().err


def test_ctrl_c_while_files_are_written_says_how_to_undo_the_update(
    first: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(first)
    monkeypatch.setattr(applying, "_refresh", interrupted)
    assert run(["update", str(first)]) == 130
    told = "The update was interrupted halfway. Undo it with `git reset --hard`."
    assert told in capsys.readouterr().err
    assert files(first) != before
    assert assert_restored(first, before)


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def edit(folder: Path) -> None:
    folder.joinpath("pyproject.toml").write_text("mine\n")


def edit_and_commit(folder: Path) -> None:
    edit(folder)
    commit(folder)


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (
            edit,
            "There are uncommitted changes: pyproject.toml. "
            "Commit them, or run `git stash --include-untracked`.",
        ),
        (
            edit_and_commit,
            "{folder} has a new commit since the update began; nothing was changed. "
            "Run the command again.",
        ),
    ],
    ids=["an edit", "a commit"],
)
def test_what_the_owner_does_during_an_update_is_not_overwritten(
    first: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[Path], None],
    told: str,
) -> None:
    def rendered(*given: Any, **named: Any) -> Any:
        act(first)
        return render(*given, **named)

    before = files(first)
    monkeypatch.setattr(running, "render", rendered)
    assert run(["update", str(first)]) == 1
    assert capsys.readouterr().err == f"Error: {told.format(folder=first)}\n"
    assert files(first) == {**before, "pyproject.toml": b"mine\n"}


def test_of_two_updates_at_once_the_later_one_is_refused(first: Path) -> None:
    both = [command(first, stderr=subprocess.PIPE) for _ in range(2)]
    told = [process.communicate()[1].decode() for process in both]
    assert sorted(process.returncode for process in both) == [0, 1]
    assert sum("There are uncommitted changes: .copier-answers.yml" in words for words in told) == 1
    assert not git(first, "diff", "--name-only")
    assert not first.joinpath(".git/groundplan-update").exists()
    before = files(first)
    commit(first)
    assert command(first).wait() == 0
    assert files(first) == before


def command(folder: Path, *, stderr: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """Start the command in a new process group."""
    words = (sys.executable, "-m", "groundplan", "update", folder, "--template", tomorrow())
    return subprocess.Popen(
        words,
        env={**os.environ, "TMPDIR": str(folder.parent)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        start_new_session=True,
    )


def forked(found: Service, merged: Merged, *, dies_at: int | None = None) -> int:
    """Apply an update in another process, with a new process group; return its id."""
    child = os.fork()
    if child:
        with suppress(OSError):  # the child was faster, or has ended
            os.setpgid(child, child)
        return child
    code = 1
    try:
        os.setpgid(0, 0)
        if dies_at is not None:
            die_at(dies_at)
        applying.apply(found, merged)
        code = 0
    finally:
        os._exit(code)


def ended(group: int) -> bool:
    """Whether all processes of this group have ended; killed ones need a moment."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            state, _, its = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its) == group and state not in "XZ":
                return False
    return True


def die_at(step: int) -> None:
    """Kill this process at its nth call that changes a file or starts a command."""
    left = step

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return function(*arguments, **options)

        return called

    for name in ("mkdir", "replace", "rmdir", "unlink", "write_text"):
        setattr(Path, name, counted(getattr(Path, name)))
    subprocess.run = counted(subprocess.run)
    os.unlink = counted(os.unlink)


def assert_restored(folder: Path, before: dict[str, bytes]) -> bool:
    """Restore a service with `git reset --hard` if it was touched; return whether it was."""
    touched = bool(git(folder, "status", "--porcelain"))
    if touched:
        git(folder, "reset", "--quiet", "--hard")
    assert not git(folder, "status", "--porcelain")
    assert files(folder) == before
    return touched
