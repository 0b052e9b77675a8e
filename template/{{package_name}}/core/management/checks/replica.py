# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The check of DATABASE_REPLICA_URL."""

import asyncio
from collections.abc import Iterator

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from ....settings import settings
from ...db import DatabaseError
from ...db.greenlets import wait_for
from ...db.replica import has_reached, lone, position_of
from .registry import Level, Message, check_database


@check_database("database")
def replica_follows(connection: Connection) -> Iterator[Message]:
    if settings.database_replica_url is not None:
        yield from wait_for(compare(settings.database_replica_url))


async def compare(url: str) -> list[Message]:
    """Compare a replica with the primary."""
    try:
        async with lone(url) as replica, lone(settings.database_url) as primary:
            if not await catches_up(replica, await position_of(primary)):
                return [
                    Message(
                        Level.ERROR,
                        "database.E002",
                        "The server of DATABASE_REPLICA_URL is not a replica of that of "
                        f"DATABASE_URL, or lags by more than {settings.db_replica_lag:g} s.",
                        "Compare the two URLs and the state of the replication; a replica that lags "
                        "more than DB_REPLICA_LAG is not read.",
                    )
                ]
            if await heads(replica) != await heads(primary):
                return [
                    Message(
                        Level.ERROR,
                        "database.E003",
                        "The database of DATABASE_REPLICA_URL has other migrations than that of "
                        "DATABASE_URL.",
                        "Name the same database in both URLs.",
                    )
                ]
    except (DatabaseError, DBAPIError, LookupError, TimeoutError) as error:
        return [
            Message(
                Level.ERROR,
                "database.E004",
                f"The replica cannot be read: {error.__cause__ or error}.",
                "Correct DATABASE_REPLICA_URL, or start its server; until then, the primary is read.",
            )
        ]
    return []


async def catches_up(replica: AsyncConnection, position: str) -> bool:
    """Whether the replica reaches a position within DB_REPLICA_LAG seconds."""
    end = asyncio.get_running_loop().time() + settings.db_replica_lag
    while not await has_reached(replica, position):
        if asyncio.get_running_loop().time() > end:
            return False
        await asyncio.sleep(settings.db_replica_lag / 10)
    return True


async def heads(connection: AsyncConnection) -> set[str]:
    """The revisions that are applied to the connection's database."""

    def read(connection: Connection) -> set[str]:
        return set(MigrationContext.configure(connection).get_current_heads())

    return await connection.run_sync(read)
