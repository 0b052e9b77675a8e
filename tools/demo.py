"""`make demo`: render, install, migrate and serve a project until Ctrl-C."""

import argparse
import os
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, NoReturn
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import yaml

from tests.support import processes, servers
from tests.support.private import PRIVATE

from .bootstrap import uv_environment

ROOT = Path(__file__).resolve().parent.parent
TOOLS = Path(sys.executable).parent  # of the clone's .venv: copier, uv
BOOTING = 60.0  # seconds
USER = "ada@example.org"
STOPPING = 15.0
Command = list[str | Path]
DATABASES = {"aiosqlite": "sqlite", "asyncpg": "postgresql", "aiomysql": "mariadb"}


class Options(NamedTuple):
    """The command line's options."""

    driver: str
    folder: Path
    port: int
    once: bool


def main() -> None:
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        demo(options())
    except KeyboardInterrupt:
        say("stopped")
        sys.exit(130)
    except processes.ServerError as error:
        fail(str(error))


def options() -> Options:
    """Read the command line.

    `--dir` is `demo` by default, or `demo-<driver>` if `demo` holds a project for another driver.
    """
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--driver", default="aiosqlite")
    parser.add_argument("--dir", default="")
    parser.add_argument("--port", default="")
    parser.add_argument("--once", action="store_true", help="stop once the service answers")
    given = parser.parse_args()
    if given.driver not in DATABASES:
        fail(
            f"DRIVER={given.driver} is not one of {', '.join(DATABASES)}. Write DRIVER=asyncpg, for example."
        )
    if given.dir:
        folder = ROOT / given.dir
        if folder.exists() and driver_of(folder) != given.driver:
            held = driver_of(folder)
            what = (
                f"holds a project for {held}" if held else "exists and is not a Groundplan project"
            )
            fail(f"{shown(folder)} {what}. Choose another DIR for {given.driver}.")
    else:
        folder = ROOT / "demo"
        if folder.exists() and driver_of(folder) != given.driver:
            folder = ROOT / f"demo-{given.driver}"
    return Options(given.driver, folder, port(given.port), given.once)


def port(asked: str) -> int:
    """Return the given port, or the first free one from 8000 on."""
    if not asked:
        return next(port for port in range(8000, 9000) if processes.is_free(port))
    if not (asked.isdecimal() and 0 < int(asked) < 65536):
        fail(f"PORT={asked} is not a port from 1 to 65535. Write PORT=8001, for example.")
    if not processes.is_free(int(asked)):
        fail(f"port {asked} is in use. Choose another PORT, or leave it out to use a free one.")
    return int(asked)


def driver_of(folder: Path) -> str | None:
    """Return the driver of a rendered project, or None for another folder."""
    answers = folder / ".copier-answers.yml"
    return str(yaml.safe_load(answers.read_text())["driver"]) if answers.is_file() else None


def demo(asked: Options) -> None:
    folder = asked.folder
    if folder.exists():
        say(f"{shown(folder)} exists; its files are not changed")
    else:
        copy(asked)
    with ExitStack() as stack:
        env = {**uv_environment(sys.executable), **stack.enter_context(database(asked.driver))}
        env.pop("VIRTUAL_ENV", None)
        python = install(folder, env)
        say("manage.py migrate")
        run([python, "manage.py", "migrate"], cwd=folder, env=env)
        password = create_user(python, folder, env)
        say(f"manage.py runserver --port {asked.port}")
        server = stack.enter_context(serving(python, asked, env))
        await_answer(asked.port, server)
        print(banner(asked, password), flush=True)
        if asked.once:
            return
        exit_code = server.wait()
    fail(f"the server stopped with exit code {exit_code}; its message is above.")


def copy(asked: Options) -> None:
    command: Command = [TOOLS / "copier", "copy", "--defaults", "--quiet", "--vcs-ref", "HEAD"]
    command += ["--data", f"driver={asked.driver}", ROOT, asked.folder]
    say(f"copier copy --defaults --data driver={asked.driver} . {shown(asked.folder)}")
    try:
        run(command, cwd=ROOT)
    except BaseException:
        shutil.rmtree(asked.folder, ignore_errors=True)  # it did not exist before
        raise
    say("cp .env.example .env")
    shutil.copy(asked.folder / ".env.example", asked.folder / ".env")


@contextmanager
def database(driver: str) -> Generator[dict[str, str]]:
    """Start a database, and yield the variables that name it; SQLite needs none."""
    name = DATABASES[driver]
    if name == "sqlite":
        yield {}
        return
    say(f"starting a private {servers.KINDS[name].title}; its data is deleted when the demo stops")
    with PRIVATE[name]() as private:
        url = private.server.create_database("my_service")
        yield {"DATABASE_URL": url.render_as_string(hide_password=False)}


def install(folder: Path, env: dict[str, str]) -> Path:
    """Install the project in its own environment, with the versions of requirements.lock."""
    uv = TOOLS / "uv"
    environment = folder / ".venv"
    python = environment / "bin" / "python"
    if not python.exists():
        say(f"installing the project in {shown(environment)}")
        run([uv, "venv", "--quiet", "--python", sys.executable, environment], cwd=folder, env=env)
    command: Command = [uv, "pip", "install", "--quiet", "--python", python]
    command += ["--constraints", ROOT / "requirements.lock", "--editable", ".", "--group", "dev"]
    run(command, cwd=folder, env=env)
    return python


@contextmanager
def serving(
    python: Path, asked: Options, env: dict[str, str]
) -> Generator[subprocess.Popen[bytes]]:
    """Run the server in the foreground, where Ctrl-C reaches it, and stop it after the block."""
    command: Command = [python, "manage.py", "runserver", "--port", str(asked.port)]
    server = subprocess.Popen(processes.guarded(command), cwd=asked.folder, env=env)
    try:
        yield server
    finally:
        with suppress(KeyboardInterrupt):  # Ctrl-C pressed twice
            _stop(server)


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(STOPPING)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def await_answer(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until the service is ready."""
    direct = build_opener(ProxyHandler({}))
    deadline = time.monotonic() + BOOTING
    while time.monotonic() < deadline:
        with suppress(URLError, ConnectionError):
            direct.open(f"http://127.0.0.1:{port}/health/ready", timeout=5).close()
            return
        with suppress(subprocess.TimeoutExpired):
            exit_code = server.wait(0.1)
            fail(f"the server stopped with exit code {exit_code}; its message is above.")
    fail(f"the server was not ready within {BOOTING:.0f} s; its messages are above.")


def create_user(python: Path, folder: Path, env: dict[str, str]) -> str:
    """Create a user with a random password, unless the project is older or has the user already.

    Returns:
        The password, or "" if no user was created.
    """
    if not (folder / "my_service/core/auth").is_dir():
        return ""
    password = secrets.token_urlsafe(16)
    done = subprocess.run(
        [python, "manage.py", "createuser", USER, "--superuser"],
        cwd=folder,
        env=env,
        input=f"{password}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        say(f"no user was created: {done.stderr.strip()}")
        return ""
    say(f"manage.py createuser {USER} --superuser")
    return password


def banner(asked: Options, password: str) -> str:
    address = f"http://127.0.0.1:{asked.port}"
    json = "-H 'Content-Type: application/json' -d"
    login = f"""'{{"email": "{USER}", "password": "{password}", "bearer": true}}'"""
    post = """'{"title": "Hello", "body": "My first post."}'"""
    token = r"""sed 's/.*"token":"\([^"]*\)".*/\1/'"""
    log_in = (
        f"""
  The user {USER} has the password {password}
  Log in, and write a post:

  TOKEN=$(curl -s {address}/api/auth/login {json} {login} | {token})
  curl -i {address}/api/posts -H "Authorization: Bearer $TOKEN" {json} {post}
"""
        if password
        else ""
    )
    has_admin = (asked.folder / "my_service/core/admin").is_dir()
    admin = f"  Its admin, for {USER}: {address}/admin\n" if has_admin else ""
    return f"""
  Your service runs at {address}
  Try its API:         {address}/docs
{admin}  Read its code:       {shown(asked.folder)}/
{log_in}
  Press Ctrl-C to stop it.
"""


def run(command: Command, *, cwd: Path, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, env=env, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        words = shlex.join(map(str, command))
        fail(f"`{words}` failed with exit code {done.returncode}; its message is above.")


def shown(path: Path) -> str:
    """Return a path relative to the current folder."""
    return os.path.relpath(path)


def say(message: str) -> None:
    print(f"demo: {message}", flush=True)


def fail(message: str) -> NoReturn:
    sys.exit(f"demo: {message}")


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
