"""Runs Python commands in forks of a process that has imported the libraries.

To import FastAPI, SQLAlchemy, Alembic and pytest takes four times as long as most commands of a rendered
project. The first command starts the process; it ends with this one. A fork behaves as a new
interpreter does: it has the command's folder, environment, input and output, and imports the
project itself. Tests of starting, such as `tests/test_boot.py`, start interpreters.
"""

import atexit
import gc
import io
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FrameType, ModuleType, SimpleNamespace
from typing import Any, NoReturn, cast
from unittest.mock import patch

LIBRARIES = (
    *("aiomysql", "aiosmtplib", "aiosqlite", "alembic.autogenerate", "alembic.command"),
    *("alembic.context", "argon2", "asyncpg", "click.testing", "cronsim"),
    *("cryptography.hazmat.primitives.ciphers.aead", "email.message", "email.policy"),
    *("fastapi", "httpx", "jinja2", "libcst", "pydantic_settings", "sqlalchemy.ext.asyncio"),
    *("starlette_admin.contrib.sqla", "structlog", "uuid_utils", "uvicorn", "yaml", "zxcvbn"),
)
TESTING = ("hypothesis", "polyfactory.factories.sqlalchemy_factory")
AT_START = ("LANG", "LC_", "TZ", "PYTHON")  # variables that an interpreter reads when it starts


def _at_start(env: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in env.items()
        if name.startswith(AT_START) and name != "PYTHONWARNINGS"
    }


STARTED = _at_start(os.environ)
addresses = dict[str, str]()


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    given: str = "",
    limit: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command and capture its output, in a fork if that makes no difference.

    Args:
        command: in a fork, this Python and a script, `-m` and a module or `-c` and code; warnings are errors.
        given: what the command reads from its standard input.
        limit: the seconds after which the command is killed.
    """
    words = [str(word) for word in command]
    strict = words[1:3] == ["-W", "error"]
    what = words[3:] if strict else words[1:]
    strict |= env.get("PYTHONWARNINGS") == "error"
    if words[0] == sys.executable and strict and _is_python(what) and _same_start(env):
        return _fork(words, what, cwd=cwd, env=env, given=given, limit=limit)
    return subprocess.run(
        words,
        cwd=cwd,
        env=env,
        input=given,
        capture_output=True,
        text=True,
        timeout=limit,
        check=False,
    )


@contextmanager
def asking() -> Generator[None]:
    """Let `groundplan` ask the manage.py of a project in a fork, while the block runs."""
    from groundplan.projects import management

    def ask(command: Sequence[str | Path], **options: Any) -> subprocess.CompletedProcess[str]:
        python, *what = map(str, command)
        bytecode = what[0] != "-B"
        what = what if bytecode else what[1:]
        root = Path(options["cwd"])
        if python == sys.executable and _same_start(os.environ) and (root / what[0]).exists():
            return _fork(
                [python, *what],
                what,
                bytecode=bytecode,
                cwd=root,
                env=os.environ,
                given="",
                limit=options["timeout"],
            )
        return cast("subprocess.CompletedProcess[str]", subprocess.run(command, **options))

    known = {name: getattr(subprocess, name) for name in subprocess.__all__}
    with patch.object(management, "subprocess", SimpleNamespace(**{**known, "run": ask})):
        yield


def _is_python(words: Sequence[str]) -> bool:
    every_plugin = "-p" not in words  # otherwise pytest must not import what this process has
    return words[0].endswith(".py") or words[0] == "-c" or (words[0] == "-m" and every_plugin)


def _same_start(env: Mapping[str, str]) -> bool:
    return _at_start(env).items() <= STARTED.items()


def _fork(
    words: list[str],
    what: Sequence[str],
    *,
    bytecode: bool = True,
    cwd: Path,
    env: Mapping[str, str],
    given: str,
    limit: float | None,
) -> subprocess.CompletedProcess[str]:
    kind = "pytest" if what[:2] == ["-m", "pytest"] else "others"
    request = {"words": what, "cwd": str(cwd), "env": dict(env), "limit": limit or 0}
    request["bytecode"] = bytecode
    with (
        tempfile.TemporaryFile("w+") as stdin,
        tempfile.TemporaryFile("w+") as stdout,
        tempfile.TemporaryFile("w+") as stderr,
        socket.socket(socket.AF_UNIX) as connection,
    ):
        stdin.write(given)
        stdin.seek(0)
        connection.connect(_address(kind))
        streams = [file.fileno() for file in (stdin, stdout, stderr)]
        socket.send_fds(connection, [json.dumps(request).encode()], streams)
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile() as answer:
            code = int(answer.read())
        stdout.seek(0)
        stderr.seek(0)
        return subprocess.CompletedProcess(words, code, stdout.read(), stderr.read())


def _address(kind: str) -> str:
    if kind not in addresses:
        addresses[kind] = _start(kind)
    return addresses[kind]


def _start(kind: str) -> str:
    address = str(_folder() / kind)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        process = subprocess.Popen(
            (sys.executable, "-W", "error", __file__, str(listener.fileno()), kind),
            cwd=_folder(),
            stdin=subprocess.PIPE,  # the process ends when this ends
            pass_fds=(listener.fileno(),),
        )
    atexit.register(process.communicate)
    return address


@cache
def _folder() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="groundplan-forks-")
    atexit.register(folder.cleanup)
    path = Path(folder.name)
    path.joinpath("templates").mkdir()
    return path


# The process that forks


def serve(listener: socket.socket) -> None:
    """Run commands until the standard input ends."""
    signal.signal(signal.SIGCHLD, _reap)
    while True:
        ready, _, _ = select.select([listener, sys.stdin.fileno()], [], [])
        if listener not in ready:
            return
        connection, _ = listener.accept()
        assert threading.active_count() == 1, "a library started a thread"
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listener.close()
            _keep(connection)
        connection.close()


def _reap(number: int, frame: FrameType | None) -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _keep(connection: socket.socket) -> NoReturn:
    """Run a command in another fork, and send its exit code."""
    text, streams, _, _ = socket.recv_fds(connection, 1 << 20, 3)
    while more := connection.recv(1 << 20):
        text += more
    request = json.loads(text)
    child = os.fork()
    if child == 0:
        connection.close()
        _become(request, streams)
    signal.signal(signal.SIGALRM, lambda number, frame: os.killpg(child, signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, request["limit"])
    _, status = os.waitpid(child, 0)
    connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(request: dict[str, Any], streams: list[int]) -> NoReturn:
    """Be what a new interpreter with this command would be, and exit as it would."""
    os.setpgid(0, 0)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    sys.dont_write_bytecode = not request["bytecode"]
    what, *words = request["words"]
    sys.orig_argv = [sys.executable, what, *words]
    if what == "-c":
        sys.argv = ["-c", *words[1:]]
        sys.path[0] = ""
        sys.modules["__main__"] = main = ModuleType("__main__")
        exec(compile(words[0], "<string>", "exec"), vars(main))
    elif what != "-m":
        sys.argv = [what, *words]
        sys.path[0] = str(Path(what).resolve().parent)
        runpy.run_path(what, run_name="__main__")
    else:
        sys.argv = words
        sys.path[0] = request["cwd"]
        with asking():
            runpy.run_module(words[0], run_name="__main__", alter_sys=True)
    sys.exit()


class Imports:
    """A plugin of pytest that imports the libraries, while pytest rewrites the asserts of its plugins."""

    def pytest_sessionstart(self) -> None:
        _import(*LIBRARIES, *TESTING)


def _import(*names: str) -> None:
    for name in names:
        import_module(name)


def _rendering() -> ModuleType:
    """Import the module next to this one, under a name that no project has."""
    package = sys.modules["_support"] = ModuleType("_support")
    package.__path__ = [str(Path(__file__).parent)]
    return import_module("_support.rendering")


def _run_pytest() -> None:
    """Import pytest, its plugins and the libraries, by a run without tests."""
    import pytest

    options = ("-o", "asyncio_default_fixture_loop_scope=session")
    with redirect_stdout(io.StringIO()):
        code = pytest.main([*options, os.curdir], plugins=[Imports()])
    assert code == pytest.ExitCode.NO_TESTS_COLLECTED


if __name__ == "__main__":
    if sys.argv[2] == "pytest":
        _run_pytest()
    else:
        _import(*LIBRARIES, "copier")
        gc.set_threshold(100_000, 50, 100)  # commands end before cycles of objects fill the memory
    texts = Path("templates").resolve()
    if sys.argv[2] == "pytest":
        once = import_module("compiling").compiled_once(texts)
    else:
        once = _rendering().quickly(texts)
    gc.freeze()
    with once, socket.socket(fileno=int(sys.argv[1])) as server:
        addresses[sys.argv[2]] = server.getsockname()
        serve(server)
