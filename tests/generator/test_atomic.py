"""A change is made completely or not at all, even if a write fails or the command is killed."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ..support.deep import DEEP
from .support import commit_all, environment, groundplan, pack, status, tree

pytestmark = pytest.mark.full

STRUCK = Path(__file__).parent / "inside" / "struck.py"
STARTAPP = [
    "startapp",
    "shop",
    "Product",
    "title:str=200:unique",
    "author:ref=users.User",
    "Order",
    "total:int",
]
ADDFIELD = ["addfield", "shop.Product", "stock:int:default=0:ge=0", "shelf:ref=blog.Category:null"]
DESTROY = ["destroy", "shop", "--yes", "--keep-database"]  # `small` has no working manage.py
COMMANDS = pytest.mark.parametrize("command", [STARTAPP, ADDFIELD, DESTROY], ids=lambda it: it[0])
Found = list[tuple[int, int, str]]


@pytest.fixture(scope="module")
def small(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a project that the commands read: small, because it is copied hundreds of times."""
    root = tmp_path_factory.mktemp("small") / "project"
    skip = shutil.ignore_patterns(".git", "core", "ledger", ".github", "tests")
    shutil.copytree(pristine, root, ignore=skip)
    commit_all(root)
    pack(root)
    return root


@pytest.fixture(scope="module")
def grown(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same project with a generated app."""
    root = tmp_path_factory.mktemp("grown") / "project"
    shutil.copytree(small, root)
    groundplan(*STARTAPP, cwd=root)
    return root


@COMMANDS
def test_a_failed_write_leaves_the_files_unchanged(
    small: Path, grown: Path, tmp_path: Path, command: list[str]
) -> None:
    found = struck("fault", small if command is STARTAPP else grown, tmp_path, command)
    assert len(found) > 5
    for number, code, state in found:
        assert (code == 0, state) in ((False, "before"), (True, "after")), (number, code, state)
    assert any(code != 0 for _, code, _ in found)


@COMMANDS
def test_the_command_after_a_kill_at_a_write_leaves_no_partial_change(
    small: Path, grown: Path, tmp_path: Path, command: list[str]
) -> None:
    found = struck("kill", small if command is STARTAPP else grown, tmp_path, command)
    states = {state for _, _, state in found}
    assert states == {"before", "after"}, found


@COMMANDS
def test_the_command_after_a_kill_at_any_moment_leaves_no_partial_change(
    small: Path, grown: Path, tmp_path: Path, command: list[str]
) -> None:
    root, pristine = tmp_path / "project", small if command is STARTAPP else grown
    shutil.copytree(pristine, root)
    began = time.monotonic()
    groundplan(*command, cwd=root)
    seconds = time.monotonic() - began
    before, after = tree(pristine), tree(root)
    moments = random.Random(20261121)
    for _ in range(50 if DEEP else 4):
        shutil.rmtree(root)
        shutil.copytree(pristine, root)
        process = subprocess.Popen(
            (sys.executable, "-m", "groundplan", *command),
            cwd=root,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(moments.uniform(0, seconds))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        groundplan("destroy", "nothing", cwd=root, code=1)
        assert tree(root) in (before, after)


def test_concurrent_commands_do_not_mix_their_changes(small: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(small, root)
    processes = [
        subprocess.Popen(
            (sys.executable, "-m", "groundplan", "startapp", app, f"{app.title()}Item", "a:int"),
            cwd=root,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for app in ("one", "two", "three")
    ]
    said = [process.communicate()[1] for process in processes]
    codes = [process.returncode for process in processes]
    for app, code, error in zip(("one", "two", "three"), codes, said, strict=True):
        assert (root / f".groundplan/apps/{app}.json").exists() == (code == 0)
        assert code == 0 or "changed in the meantime" in error
    for app, code in zip(("one", "two", "three"), codes, strict=True):
        if code != 0:
            groundplan("startapp", app, f"{app.title()}Item", "a:int", cwd=root)
    revisions = sorted((root / "migrations/versions").glob("*_create_*.py"), reverse=True)
    for revision in revisions[:3]:  # the newest first: each revision follows an older one
        app = revision.stem.rpartition("_")[2]
        groundplan("destroy", app, "--yes", "--keep-database", cwd=root)
    assert status(root) == ""


def test_a_project_without_git_is_as_safe(small: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(small, bare, ignore=shutil.ignore_patterns(".git"))
    found = struck("kill", bare, tmp_path, STARTAPP, stride=7)
    assert {state for _, _, state in found} == {"before", "after"}, found


def test_undoing_a_killed_command_keeps_a_later_edit(small: Path, tmp_path: Path) -> None:
    """A file that was edited after the kill is named and kept."""
    root = tmp_path / "project"
    edited: list[Path] = []
    for number in range(1, 200, 4):
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(small, root)
        strike_once(root, STARTAPP, number)
        edited = [*root.glob("*/apps/shop/models.py")]
        if edited:
            break
    edited[0].write_text("# mine\n")
    done = groundplan("destroy", "nothing", cwd=root, code=1)
    name = edited[0].relative_to(root).as_posix()
    assert f"Error: '{name}' was edited after a command was killed" in done.stderr
    assert f"rm -r {root / '.groundplan-journal'}" in done.stderr
    assert edited[0].read_text() == "# mine\n"


def struck(
    mode: str, pristine: Path, folder: Path, command: list[str], stride: int | None = None
) -> Found:
    """Stop a command at a sample of its writes, in a deep run at each."""
    stride = stride or (1 if DEEP else 3)
    done = subprocess.run(
        (sys.executable, STRUCK, mode, pristine, folder / "project", str(stride), "--", *command),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: Found = [tuple(row) for row in json.loads(done.stdout)]
    return found


def strike_once(root: Path, command: list[str], number: int) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(STRUCK.parent)!r}); import struck; "
        f"from pathlib import Path; struck.run(Path({str(root)!r}), {command!r}, ({number}, 'kill'))"
    )
    subprocess.run((sys.executable, "-c", code), check=True)
