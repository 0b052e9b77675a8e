"""Runs inside a generated project: compares the repository with plain sessions; prints CPU as JSON.

    repository.py REPEATS KEYS

The plain sessions are those of the project's units of work, and of an engine that SQLAlchemy's
`create_async_engine` makes without the project's code.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from operator import truediv
from pathlib import Path
from statistics import median
from uuid import UUID

sys.path.insert(0, str(Path.cwd()))

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from my_service.apps.accounts.models import User
from my_service.apps.accounts.repository import UserRepository
from my_service.core.db import dispose_engine, transaction
from my_service.settings import settings

UNITS = 200  # in each repeat
Work = Callable[[AsyncSession, UUID], Awaitable[object]]
Begin = Callable[[], AbstractAsyncContextManager[AsyncSession]]


async def get_by_hand(session: AsyncSession, key: UUID) -> None:
    assert await session.get(User, key)


async def get(session: AsyncSession, key: UUID) -> None:
    assert await UserRepository(session).get_one(key)


async def find_by_hand(session: AsyncSession, key: UUID) -> None:
    statement = select(User).where(User.id >= key).order_by(User.id).limit(50)
    assert (await session.scalars(statement)).all()


async def find(session: AsyncSession, key: UUID) -> None:
    assert await UserRepository(session).find(User.id >= key, order_by=[User.id], limit=50)


async def update_by_hand(session: AsyncSession, key: UUID) -> None:
    user = await session.get_one(User, key)
    user.full_name = f"Changed {time.perf_counter_ns()}"
    await session.flush()


async def update(session: AsyncSession, key: UUID) -> None:
    users = UserRepository(session)
    await users.update(await users.get_one(key), {"full_name": f"Changed {time.perf_counter_ns()}"})


PAIRS: dict[str, tuple[Work, Work, bool]] = {  # plain session, repository, read-only
    "one by its key": (get_by_hand, get, True),
    "a list of 50": (find_by_hand, find, True),
    "one changed": (update_by_hand, update, False),
}


async def spend(work: Work, begin: Begin, keys: Sequence[UUID]) -> float:
    """Return the CPU time of one unit of work, in µs."""
    began = time.process_time()
    for key in keys[:UNITS]:
        async with begin() as session:
            await work(session, key)
    return (time.process_time() - began) / UNITS * 1e6


async def main(repeats: int, keys: list[UUID]) -> None:
    lines: list[tuple[str | float, ...]] = []
    engine = create_async_engine(settings.database_url)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    for what, (by_hand, repository, read_only) in PAIRS.items():
        unit = partial(transaction, read_only=read_only)
        ways = [(by_hand, sessions.begin), (by_hand, unit), (repository, unit)]
        rounds: list[list[float]] = []
        for repeat in range(repeats + 1):
            spent = [(n, await spend(*ways[n], keys)) for n in range(3)[:: repeat % 2 * 2 - 1]]
            rounds.append([figure for _, figure in sorted(spent)])
        plain, session, ours = zip(*rounds[1:], strict=True)  # the first is a warm-up
        ratios = (median(map(truediv, ours, other)) for other in (session, plain))
        lines.append((what, *map(median, (plain, session, ours)), *ratios))
    await engine.dispose()
    await dispose_engine()
    print(json.dumps(lines))


asyncio.run(main(int(sys.argv[1]), [UUID(key) for key in json.loads(sys.argv[2])]))
