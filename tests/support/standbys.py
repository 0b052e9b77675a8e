"""Servers that follow a private one: PostgreSQL by streaming replication, MariaDB by its binary log."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from .private import MariaDB, PostgreSQL
from .processes import eventually
from .proxy import SlowProxy
from .servers import Server
from .sql import execute

A_WHILE = 60.0  # seconds

STREAMING = (
    "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = :how"
)


class StreamingPostgreSQL(PostgreSQL):
    """A private PostgreSQL that follows another one, or none."""

    needs = (*PostgreSQL.needs, "pg_basebackup")

    def __init__(self, *options: str, primary: PostgreSQL | None = None) -> None:
        super().__init__()
        self.options = list(options)
        self._primary = primary
        if primary is not None:
            self.password = primary.password

    def initialize(self) -> None:
        if self._primary is None:
            super().initialize()
        else:
            self.copy(self._primary)

    def follow(self, primary: PostgreSQL) -> None:
        """Discard the data, and follow another server from now on."""
        self.stop()
        shutil.rmtree(self.data)
        self.copy(primary)
        self.start()

    def copy(self, primary: PostgreSQL) -> None:
        """Copy the data of a running server, to follow it."""
        address = primary.server.url.set(drivername="postgresql")
        self.run(
            self.programs["pg_basebackup"],
            f"--pgdata={self.data}",
            f"--dbname={address.render_as_string(hide_password=False)}",
            "--write-recovery-conf",
            "--checkpoint=fast",
            "--no-sync",
        )

    def pause(self) -> None:
        """Apply no changes until `resume`."""
        execute(self.server.url, "SELECT pg_wal_replay_pause()")

    def resume(self) -> None:
        execute(self.server.url, "SELECT pg_wal_replay_resume()")

    def promote(self) -> None:
        """Become a primary, which waits for no standby of its own."""
        execute(self.server.url, "SELECT pg_promote()")
        wait_for_standbys(self, "")


class ReplicatedMariaDB(MariaDB):
    """A private MariaDB with a binary log, which follows another one from its start, or none.

    Args:
        primary: how to reach the other one.
    """

    def __init__(self, primary: Server | None = None) -> None:
        super().__init__()
        self._primary = primary
        if primary is not None:
            self.password = str(primary.url.password)

    def command(self) -> list[str | Path]:
        words = [word for word in super().command() if word != "--skip-log-bin"]
        follows = self._primary is not None
        return [*words, "--log-bin", f"--server-id={self.port}", f"--read-only={int(follows)}"]

    def __enter__(self) -> Self:
        super().__enter__()
        if self._primary is not None:
            url = self._primary.url
            execute(
                self.server.url,
                f"CHANGE MASTER TO MASTER_HOST = '{url.host}', MASTER_PORT = {url.port},"
                f" MASTER_USER = '{url.username}', MASTER_PASSWORD = '{url.password}',"
                " MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1",
            )
            execute(self.server.url, "START SLAVE")
        return self

    def pause(self) -> None:
        """Apply no changes until `resume`."""
        execute(self.server.url, "STOP SLAVE SQL_THREAD")

    def resume(self) -> None:
        execute(self.server.url, "START SLAVE SQL_THREAD")

    def promote(self) -> None:
        """Become a primary."""
        execute(self.server.url, "STOP SLAVE")
        execute(self.server.url, "SET GLOBAL read_only = 0")


Following = StreamingPostgreSQL | ReplicatedMariaDB


@contextmanager
def late_replica(name: str, seconds: float) -> Generator[tuple[Following, Following]]:
    """Run a server, and a replica that gets or applies each change later by so much.

    MariaDB's own delay is in whole seconds, so a proxy delays what its replica receives.
    """
    if name == "postgresql":
        delay = f"--recovery_min_apply_delay={round(seconds * 1000)}ms"
        with (
            StreamingPostgreSQL() as leader,
            StreamingPostgreSQL(delay, primary=leader) as follower,
        ):
            yield leader, follower
    else:
        with (
            ReplicatedMariaDB() as primary,
            SlowProxy(primary.server, seconds) as line,
            ReplicatedMariaDB(line.server) as replica,
        ):
            yield primary, replica


def wait_for_standbys(primary: PostgreSQL, names: str) -> None:
    """Let commits wait for these standbys ("*" for any one, "" for none), once one is there."""
    execute(primary.server.url, f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
    execute(primary.server.url, "SELECT pg_reload_conf()")
    how = {"how": "sync"}
    assert not names or eventually(
        lambda: execute(primary.server.url, STREAMING, how)[0][0] > 0, seconds=A_WHILE
    ), "no standby follows"
