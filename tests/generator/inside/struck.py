"""Run a command repeatedly, each time stopped at another of its writes; print the outcomes.

    python struck.py fault|kill PRISTINE ROOT STRIDE -- startapp shop Product …

`fault`: the write fails. `kill`: the command is killed at the write, and another command runs.
"""

import errno
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from itertools import count
from pathlib import Path

from groundplan.changes import journal
from groundplan.cli import run as groundplan

sys.path.append(str(Path(__file__).parents[3]))
quickly = import_module("tests.support.rendering").quickly

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


Found = list[tuple[int, int, str]]
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
    for module in NEEDED:
        import_module(f"groundplan.{module}")
    with quickly():
        print(json.dumps(outcomes(mode, pristine, root, stride, sys.argv[6:])))


def outcomes(mode: str, pristine: Path, root: Path, stride: int, command: list[str]) -> Found:
    """Return the number of each write, the exit status, and the state of the files afterwards."""
    before = tree(pristine)
    restore(pristine, root)
    assert run(root, command, None) == 0
    after = tree(root)
    found: Found = []
    for number in count(1, stride):
        restore(pristine, root)
        code = run(root, command, (number, mode))
        if mode == "kill":
            run(root, next_command(command), None)
        now = tree(root)
        state = {True: "before"}.get(now == before) or ("after" if now == after else "between")
        found.append((number, code, state))
        if code == 0 and not Path(f"{root}.struck").exists():
            break
    return found


def next_command(command: list[str]) -> list[str]:
    """Return the command to run after a kill: `startproject` again, or any command in the project."""
    return command if command[0] == "startproject" else ["destroy", "nothing"]


def run(root: Path, command: list[str], strike: tuple[int, str] | None) -> int:
    """Run a command in another process, stopped at a write; return its exit status."""
    Path(f"{root}.struck").unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        silence()
        os.chdir(root)
        if strike is not None:
            sys.addaudithook(hook(root, *strike))
        os._exit(groundplan(command))
    return os.waitpid(child, 0)[1]


def hook(root: Path, number: int, mode: str) -> Callable[[str, tuple[object, ...]], None]:
    """Return an audit hook that fails, or kills the process, at one write within the project."""
    seen, idle = 0, False

    def strike(event: str, args: tuple[object, ...]) -> None:
        nonlocal seen, idle
        if idle or not is_write(event, args, str(root)):
            return
        seen += 1
        if seen != number:
            return
        idle = True
        Path(f"{root}.struck").touch()
        if mode == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(args[0]))

    return strike


def is_write(event: str, args: tuple[object, ...], root: str) -> bool:
    if event == "open":
        flags = args[2] if isinstance(args[2], int) else 0
        writing = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    else:
        writing = event in WRITES
    names = [str(arg) for arg in args if isinstance(arg, str | Path)]
    inside = any(name.startswith(root) for name in names)
    return writing and inside


def silence() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)


def restore(pristine: Path, root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(pristine, root, symlinks=True)


def tree(root: Path) -> dict[str, tuple[bytes, int]]:
    """Return the content and permissions of every file outside .git and the journal; folders too."""
    return {
        str(file.relative_to(root)): (
            file.read_bytes() if file.is_file() else b"",
            file.stat().st_mode,
        )
        for file in root.rglob("*")
        if not {".git", journal.FOLDER} & {*file.relative_to(root).parts}
    }


if __name__ == "__main__":
    main()
