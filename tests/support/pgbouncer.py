"""PgBouncer in transaction mode before a PostgreSQL server: Debian's package, or the unstable suite's."""

import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from shutil import chown, rmtree

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from . import processes
from .debian import Debian
from .sql import execute

CONNECTIONS = 3  # to the server, for all clients
UNSTABLE = "/usr/sbin/pgbouncer"  # in the suite


def version(suite: Debian | None = None) -> str:
    """Return the version of the installed PgBouncer, or of the suite's."""
    program = UNSTABLE if suite else _installed()
    command = suite.command(program, "-V", shared=Path("/tmp")) if suite else [program, "-V"]
    done = subprocess.run(command, cwd="/tmp", capture_output=True, text=True, check=True)
    return done.stdout.split()[1]


@contextmanager
def pgbouncer(behind: URL, suite: Debian | None = None, options: str = "") -> Generator[URL]:
    """Run PgBouncer while the block runs, and yield the URL of the database through it.

    Args:
        behind: the database.
        suite: where it is installed, if not on this machine.
        options: further lines of its configuration.
    """
    folder = Path(tempfile.mkdtemp(prefix="groundplan-pgbouncer-"))
    users, configuration = folder / "users.txt", folder / "pgbouncer.ini"
    users.write_text(f'"{behind.username}" "{behind.password}"\n')
    through = behind.set(host="127.0.0.1", port=processes.free_port())
    configuration.write_text(f"""
[databases]
{behind.database} = host={behind.host} port={behind.port or 5432}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {through.port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
default_pool_size = {CONNECTIONS}
max_client_conn = 200
{options}
""")
    user = processes.server_user("nobody")
    if user is not None:
        for path in (folder, users, configuration):
            chown(path, user)
    asks = through.update_query_dict({"prepared_statement_cache_size": "0"})

    def answers() -> bool:
        try:
            return bool(execute(asks, "SHOW server_version"))
        except (DBAPIError, OSError):
            return False

    log = folder / "log"
    command: list[str | Path] = [UNSTABLE if suite else _installed(), configuration]
    if suite is not None:  # root enters it, and changes the user there
        command, user = suite.command(*command, shared=folder, user="nobody"), None
    with log.open("w") as output:
        process = processes.spawn(command, cwd=folder, log=output, user=user)
        try:
            assert processes.wait_until(answers, process, seconds=30), log.read_text()
            yield through
        finally:
            processes.stop(process)
            rmtree(folder, ignore_errors=True)


def _installed() -> str:
    return processes.apt_installed("pgbouncer", "pgbouncer", "PgBouncer")
