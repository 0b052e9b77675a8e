"""Units of work that enqueue a job with a row, and commit, fail or are cancelled at random.

Arguments: a seed, and the number of units. It prints a line after each unit.
"""

import asyncio
import sys
from contextlib import suppress
from random import Random

from my_service.apps.errands.models import Effect
from my_service.apps.errands.tasks import Refused, deed
from my_service.core.db import dispose_engine, transaction

AT_ONCE = 4


async def unit(number: int, *, fails: bool) -> None:
    async with transaction() as session:
        session.add(Effect(kind="commit", number=number))
        await deed.enqueue(session, number)
        if fails:
            raise Refused


async def client(random: Random, numbers: range) -> None:
    for number in numbers:
        work = asyncio.create_task(unit(number, fails=random.random() < 0.3))
        if random.random() < 0.3:
            for _ in range(random.randrange(40)):
                await asyncio.sleep(0)
            work.cancel()
        with suppress(Refused, asyncio.CancelledError):
            await work
        print(number, flush=True)


async def main(seed: int, count: int) -> None:
    random = Random(seed)
    numbers = range(seed * count, (seed + 1) * count)
    await asyncio.gather(*(client(random, numbers[n::AT_ONCE]) for n in range(AT_ONCE)))
    await dispose_engine()


asyncio.run(main(*map(int, sys.argv[1:])))
