# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Units of work that are run again when another one was in their way."""

import asyncio
from collections.abc import Awaitable, Callable
from random import SystemRandom
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from .errors import Conflict
from .session import transaction

Result = TypeVar("Result")

ATTEMPTS = 10
FIRST_PAUSE = 0.01  # seconds; doubled each time


async def retry_on_conflict(
    work: Callable[[AsyncSession], Awaitable[Result]],
    *,
    attempts: int = ATTEMPTS,
    isolation_level: str | None = None,
) -> Result:
    """Run a whole unit of work, and again in a new session after a deadlock or the like.

    A statement that failed so cannot be repeated alone: the database has undone those before it.

    Args:
        work: gets the session; what it does outside of the database is done at each attempt, so
            leave that to `on_commit`.
        attempts: how often at the most; between them is a random pause, twice as long each time.
        isolation_level: as of `transaction`.

    Raises:
        Conflict: of the last attempt.
    """
    for attempt in range(1, attempts + 1):
        try:
            async with transaction(isolation_level=isolation_level) as session:
                return await work(session)
        except Conflict:
            if attempt == attempts:
                raise
        await asyncio.sleep(SystemRandom().uniform(0, FIRST_PAUSE * 2**attempt))
    raise ValueError(f"attempts={attempts}: at least 1 is needed")
