"""Standbys of a private PostgreSQL, which follow it by streaming replication."""

import shutil

from .private import PostgreSQL
from .processes import eventually
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

    def promote(self) -> None:
        """Become a primary, which waits for no standby of its own."""
        execute(self.server.url, "SELECT pg_promote()")
        wait_for_standbys(self, "")


def wait_for_standbys(primary: PostgreSQL, names: str) -> None:
    """Let commits wait for these standbys ("*" for any one, "" for none), once one is there."""
    execute(primary.server.url, f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
    execute(primary.server.url, "SELECT pg_reload_conf()")
    how = {"how": "sync"}
    assert not names or eventually(
        lambda: execute(primary.server.url, STREAMING, how)[0][0] > 0, seconds=A_WHILE
    ), "no standby follows"
