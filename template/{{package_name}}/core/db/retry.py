# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Retry a unit of work after a conflict with another one."""

import asyncio
from collections.abc import Awaitable, Callable
from random import SystemRandom
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from .errors import Conflict
from .session import transaction

Result = TypeVar("Result")

FIRST_PAUSE = 0.01  # seconds; doubled each time


async def retry_on_conflict(
    work: Callable[[AsyncSession], Awaitable[Result]],
    *,
    attempts: int = 10,
    isolation_level: str | None = None,
) -> Result:
    """Run a unit of work, and retry it in a new session after a deadlock or serialization failure.

    The whole unit is retried, as the database has rolled back its earlier statements too.

    Args:
        work: gets the session. It may run several times: put effects outside the database into
            `on_commit`.
        attempts: at most this many, with random pauses in between that double each time.
        isolation_level: as for `transaction`.

    Raises:
        Conflict: the last attempt failed too.
        ValueError: `attempts` is less than 1.
    """
    for attempt in range(1, attempts + 1):
        try:
            async with transaction(isolation_level=isolation_level) as session:
                return await work(session)
        except Conflict:
            if attempt == attempts:
                raise
        await pause(attempt)
    raise ValueError(f"attempts={attempts}: must be at least 1")


async def pause(attempt: int) -> None:
    """Wait for a random time before the next attempt, so that two of them do not meet again."""
    await asyncio.sleep(SystemRandom().uniform(0, FIRST_PAUSE * 2**attempt))
