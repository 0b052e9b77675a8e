"""Run a command again and again, each time struck at another of its writes; print what became of the tree.

    python struck.py fault|command|machine PRISTINE ROOT STRIDE -- startapp shop Product …

`fault`: the write fails. `command`: the command is killed at it. `machine`: the command and the
process that applies its change are killed, and the next command is run.
"""

import errno
import fcntl
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from itertools import count
from pathlib import Path

from groundplan.cli import run as groundplan

# Imported once, before the command's processes are forked.
NEEDED = (
    "changes.execute",
    "changes.undoing",
    "commands.addfield",
    "commands.destroy",
    "commands.startapp",
    "commands.startproject",
    "editing.fields",
    "resources",
    "starting.project",
)


WRITES = {
    "os.chmod",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "shutil.rmtree",
}


def main() -> None:
    mode, pristine, root, stride = sys.argv[1], *map(Path, sys.argv[2:4]), int(sys.argv[4])
    command = sys.argv[6:]
    for module in NEEDED:
        import_module(f"groundplan.{module}")
    before = tree(pristine)
    restore(pristine, root)
    assert run(root, command, None) == 0
    after = tree(root)
    found: list[tuple[int, int, str]] = []
    for number in count(1, stride):
        restore(pristine, root)
        code = run(root, command, (number, mode))
        wait_for_the_rest(root)
        if mode == "machine":
            run(root, ["destroy", "nothing"], None)
        now = tree(root)
        state = {True: "before"}.get(now == before) or ("after" if now == after else "between")
        found.append((number, code, state))
        if code == 0 and not Path(f"{root}.struck").exists():
            break
    print(json.dumps(found))


def run(root: Path, command: list[str], strike: tuple[int, str] | None) -> int:
    """Run a command in a process of its own, struck at a write; return how it ended."""
    Path(f"{root}.struck").unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        silence()
        os.chdir(root)
        if strike is not None:
            sys.addaudithook(hook(root, *strike))
            os.__dict__["fsync"] = audited(os.fsync, root)
        os._exit(groundplan(command))
    return os.waitpid(child, 0)[1]


def audited(fsync: Callable[[int], None], root: Path) -> Callable[[int], None]:
    """Return `fsync` as an event that the hook hears of, which Python's own is not."""

    def heard(descriptor: int) -> None:
        sys.audit("groundplan.fsync", str(root))
        fsync(descriptor)

    return heard


def hook(root: Path, number: int, mode: str) -> Callable[[str, tuple[object, ...]], None]:
    """Strike at one write within the project, counted through all the processes of the command."""
    command, seen, idle = os.getpid(), 0, False

    def strike(event: str, args: tuple[object, ...]) -> None:
        nonlocal seen, idle
        if idle or not is_write(event, args, str(root)):
            return
        seen += 1
        if seen != number:
            return
        idle = True
        Path(f"{root}.struck").touch()
        if mode == "fault":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(args[0]))
        os.kill(command, signal.SIGKILL)
        if mode == "machine" or os.getpid() == command:
            os.kill(os.getpid(), signal.SIGKILL)

    return strike


def is_write(event: str, args: tuple[object, ...], root: str) -> bool:
    if event == "open":
        flags = args[2] if isinstance(args[2], int) else 0
        writing = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    else:
        writing = event in WRITES or event == "groundplan.fsync"
    names = [str(arg) for arg in args if isinstance(arg, str | Path)]
    inside = any(name.startswith(root) for name in names)
    return writing and inside


def wait_for_the_rest(root: Path) -> None:
    """Wait for the process that applies a change: it holds the project's folder."""
    descriptor = os.open(root, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.close(descriptor)


def silence() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)


def restore(pristine: Path, root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(pristine, root, symlinks=True)


def tree(root: Path) -> dict[str, tuple[bytes, int]]:
    """Everything but git's own folder: folders too."""
    return {
        str(file.relative_to(root)): (
            file.read_bytes() if file.is_file() else b"",
            file.stat().st_mode,
        )
        for file in root.rglob("*")
        if ".git" not in file.relative_to(root).parts
    }


if __name__ == "__main__":
    main()
