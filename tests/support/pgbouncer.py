"""PgBouncer in transaction mode before a PostgreSQL server: the installed one, or Debian's package."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from shutil import chown, rmtree

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from . import processes
from .sql import execute

CONNECTIONS = 3  # to the server, for all clients


@contextmanager
def pgbouncer(behind: URL) -> Generator[URL]:
    """Run PgBouncer while the block runs, and yield the URL of the database through it."""
    program = processes.apt_installed("pgbouncer", "pgbouncer", "PgBouncer")
    user = processes.server_user("postgres")
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
""")
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
    with log.open("w") as output:
        process = processes.spawn([program, configuration], cwd=folder, log=output, user=user)
        try:
            assert processes.wait_until(answers, process, seconds=30), log.read_text()
            yield through
        finally:
            processes.stop(process)
            rmtree(folder, ignore_errors=True)
