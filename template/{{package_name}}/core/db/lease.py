# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Lets one process migrate at a time by a lease: a row with an owner and an expiry.

It replaces an advisory lock where a lock holds on one node of several. Imported only there.

The row is written in short transactions, on other connections than the migration's, so that every node
sees it and no DDL commits or outlives it. A thread renews it, because a statement may take long and a
revision may block the event loop. Whoever has not renewed it for a while asks again before the next
statement, so a process that was suspended does not continue beside its successor.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from os import getpid
from secrets import token_hex
from socket import gethostname
from threading import Event
from time import monotonic

import click
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    MetaData,
    String,
    Table,
    event,
    insert,
    inspect,
    literal_column,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.schema import CreateTable

from .errors import Conflict, DatabaseError, Duplicate, LockTimeout, OutcomeUnknown
from .greenlets import wait_for

DURATION = 60  # seconds
RENEWAL = 10  # seconds from one renewal to the next
LIMIT = 10  # seconds for one transaction
PAUSE = 1  # second between two looks at another owner's lease

LEASE = Table(
    "migration_lease",
    MetaData(),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("owner", String(300), nullable=False),  # empty: free
    Column("expires", BigInteger, nullable=False),  # seconds since the epoch
)

# Another process wrote the row at the same time, or the answer did not arrive: ask again.
UNDECIDED = (Conflict, Duplicate, LockTimeout, OutcomeUnknown, TimeoutError)


@asynccontextmanager
async def leased(connection: AsyncConnection, now: str) -> AsyncGenerator[None]:
    """Hold the lease while the block runs, and give it back; `now` is SQL for the server's clock.

    If the block loses its connection or is cancelled, the server may still run its last statement, so
    the lease is left to expire.
    """
    lease = Lease(connection.engine, literal_column(now, BigInteger()))
    await lease.take()
    renewals = asyncio.create_task(asyncio.to_thread(lease.keep))
    event.listen(connection.sync_connection, "before_cursor_execute", lease.require)
    try:
        yield
    finally:
        event.remove(connection.sync_connection, "before_cursor_execute", lease.require)
        lease.ended.set()
        await renewals
        if not (connection.closed or connection.invalidated):
            with suppress(DatabaseError, DBAPIError, OSError):
                await lease.write(owner="", expires=0)


class Lease:
    """What one process knows of the lease. Two event loops use the engine, so it has no pool."""

    def __init__(self, engine: AsyncEngine, now: ColumnElement[int]) -> None:
        self.engine = engine
        self.now = now
        self.owner = f"process {getpid()} on {gethostname()} ({token_hex(4)})"
        self.renewed = 0.0  # by time.monotonic()
        self.lost = False
        self.ended = Event()

    async def take(self) -> None:
        """Wait until the lease is free or expired, and take it."""
        await self.create_table()
        seen: str | None = None
        while (owner := await self.ask()) != self.owner:
            if owner and owner != seen:
                click.echo(
                    f"Waiting for {owner}, which migrates this database. If it was killed, its lease "
                    f"expires within {DURATION} seconds.",
                    err=True,
                )
                seen = owner
            await asyncio.sleep(PAUSE)

    async def create_table(self) -> None:
        """Create the table unless it exists. Another process may create it at the same time."""
        with suppress(Duplicate):
            async with self.engine.begin() as connection:
                if not await connection.run_sync(lambda it: inspect(it).has_table(LEASE.name)):
                    await connection.execute(CreateTable(LEASE, if_not_exists=True))

    async def ask(self) -> str | None:
        """Take the lease if it is free, expired or already ours; return its owner, None if unknown."""
        asked = monotonic()
        mine = {"owner": self.owner, "expires": self.now + DURATION}
        available = (LEASE.c.owner == self.owner) | (LEASE.c.expires < self.now)
        with suppress(*UNDECIDED):
            async with asyncio.timeout(LIMIT), self.engine.begin() as connection:
                await connection.execute(update(LEASE).where(available).values(mine))
                owner = await connection.scalar(select(LEASE.c.owner))
                if owner is None:
                    await connection.execute(insert(LEASE).values(id=1, **mine))
                    owner = self.owner
            self.renewed = asked
            return owner
        return None

    async def write(self, **values: object) -> bool:
        """Change the row; return whether this process still owns it."""
        async with asyncio.timeout(LIMIT), self.engine.begin() as connection:
            change = update(LEASE).where(LEASE.c.owner == self.owner).values(values)
            return (await connection.execute(change)).rowcount == 1

    async def renew(self) -> None:
        """Renew the lease, even an expired one, unless another process has it."""
        asked = monotonic()
        if await self.write(expires=self.now + DURATION):
            self.renewed = asked
        else:
            self.lost = True

    def keep(self) -> None:
        """Renew the lease until it has ended. Runs in a thread."""
        while not self.ended.wait(RENEWAL):
            with suppress(DatabaseError, DBAPIError, OSError):  # the next renewal may succeed
                asyncio.run(self.renew())

    def require(self, *statement: object) -> None:
        """Refuse a statement of the migration if another process may have the lease."""
        if not self.lost and monotonic() - self.renewed > DURATION / 2:
            wait_for(self.renew())
        if self.lost:
            raise click.ClickException(
                "this migration was interrupted for too long, and another process has taken over its "
                "lease. Run `migrate` again: it waits for that process."
            )
