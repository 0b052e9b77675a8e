"""Helpers for processes: free ports, users, packages, starting and stopping."""

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

PORTS = range(20_000, 32_000)  # below the range that the system uses for outgoing connections


class ServerError(Exception):
    """A server is missing or did not start; the message says what to do."""


def free_port() -> int:
    """Return a port that is free at the moment."""
    for port in random.sample(PORTS, 100):
        if is_free(port):
            return port
    raise ServerError(f"no free port found from {PORTS.start} to {PORTS.stop - 1}")


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def spawn(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    log: IO[str],
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    at_death: str = "TERM",
) -> subprocess.Popen[str]:
    """Start a process in a new session, with its output in `log`.

    It gets the signal `at_death` when this process ends in any way, so that no orphan is left.
    """
    return subprocess.Popen(
        guarded(command, at_death),
        cwd=cwd,
        env=env,
        user=user,
        group=None if user is None else group_of(user),
        extra_groups=None if user is None else [],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    )


def guarded(command: Sequence[str | Path], at_death: str = "TERM") -> list[str | Path]:
    """Wrap a command so that its process gets a signal when its parent ends."""
    setpriv = shutil.which("setpriv")  # every Linux has it
    return [setpriv, "--pdeathsig", at_death, *command] if setpriv else list(command)


def wait_until(
    ready: Callable[[], bool], process: subprocess.Popen[str], *, seconds: float
) -> bool:
    """Wait until `ready` returns True; return False if the process ends or the time is up first."""
    ended = False

    def ready_or_ended() -> bool:
        nonlocal ended
        ended = process.poll() is not None
        return ended or ready()

    return eventually(ready_or_ended, seconds=seconds) and not ended


def eventually(condition: Callable[[], bool], *, seconds: float, pause: float = 0.05) -> bool:
    """Check a condition until it is true; return whether it became true in time.

    Args:
        condition: what to check.
        seconds: how long to check it.
        pause: the seconds between two checks.
    """
    deadline = time.monotonic() + seconds
    never = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            return False
        never.wait(pause)
    return True


def stop(
    process: subprocess.Popen[str], sent: signal.Signals = signal.SIGTERM, *, seconds: float = 30
) -> int:
    """Ask a process to stop, and return its exit code.

    Raises:
        TimeoutError: the process did not stop in time; it and its children have been killed.
    """
    if process.poll() is None:
        process.send_signal(sent)
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        kill(process)
        raise TimeoutError(f"{process.args!r} did not stop within {seconds} s") from None


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a process that `spawn` started, and all its descendants, with SIGKILL.

    A server's processes may be in other process groups and end later than it, with their memory
    still in use. This waits until all of them have ended.
    """
    family = list(_descendants(process.pid))
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    for pid in family:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()
    eventually(lambda: not any(map(_is_alive, family)), seconds=10)


def _descendants(pid: int) -> Generator[int]:
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield int(child)
            yield from _descendants(int(child))


def descendants(pid: int, command: str) -> list[int]:
    """Return the processes below another whose command line contains a text."""
    return [
        child
        for child in _descendants(pid)
        if command in Path(f"/proc/{child}/cmdline").read_text(errors="replace")
    ]


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def group_of(user: str) -> int:
    """Return the main group of a user."""
    return pwd.getpwnam(user).pw_gid


def run_as(user: str | None, command: Sequence[str | Path], *, cwd: Path) -> None:
    """Run a command, and wait for its end.

    Raises:
        ServerError: the command failed; the message contains its output.
    """
    done = subprocess.run(
        command,
        cwd=cwd,
        user=user,
        group=None if user is None else group_of(user),
        extra_groups=None if user is None else [],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ServerError(f"`{command[0]}` failed:\n{done.stdout}{done.stderr}")


def cache() -> Path:
    """Return the folder that keeps what was downloaded once; root's can be read by every user."""
    if os.geteuid() == 0:
        return Path("/var/cache/groundplan")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "groundplan")


def server_user(*names: str) -> str | None:
    """Return the user to run a database server as, or None for the current user.

    Database servers refuse to run as root. If the current user is root, this is the first of `names`
    that exists on the system, or nobody.
    """
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in (*names, "nobody") if name in known)


def can_apt_install() -> bool:
    """Whether this user can install Debian's packages."""
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def apt_install(packages: str, title: str, variable: str | None = None) -> None:
    """Install the Debian packages of a missing server, without starting its service.

    Raises:
        ServerError: the user is not root, apt-get does not exist, or it failed.
    """
    if not can_apt_install():
        instead = f", or set {variable} to the URL of a server" if variable else ""
        raise ServerError(
            f"{title} is not installed. Install it (on Debian and Ubuntu: sudo apt-get install "
            f"{packages}){instead}."
        )
    print(f"servers: installing {packages} with apt-get", file=sys.stderr, flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    options = ("-y", "-qq", "-o", "Dpkg::Use-Pty=0", "--no-install-recommends")
    install = ("apt-get", "install", *options, *packages.split())
    with _services_kept_stopped():
        for command in (("apt-get", "update", "-qq"), install):
            done = subprocess.run(
                command,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            if done.returncode:
                raise ServerError(f"`{' '.join(command)}` failed:\n{done.stdout}")


def apt_installed(program: str, packages: str, title: str) -> str:
    """Return the path of a program; install its Debian packages if it is missing.

    Raises:
        ServerError: as `apt_install`.
    """
    search = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
    if shutil.which(program, path=search) is None:
        apt_install(packages, title)
    found = shutil.which(program, path=search)
    if found is None:
        raise ServerError(f"{title} was installed, but {program} is not in {search}")
    return found


@contextmanager
def _services_kept_stopped() -> Generator[None]:
    """Keep Debian's packages from starting their services, by exit code 101 of policy-rc.d."""
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink()
