"""Enqueue a number of jobs; with a second argument, jobs that take long."""

import asyncio
import sys

from my_service.apps.errands.tasks import slow_deed
from my_service.core.db import dispose_engine, transaction


async def main(count: int, *, seconds: float) -> None:
    async with transaction() as session:
        for number in range(count):
            await slow_deed.enqueue(session, number, seconds)
    await dispose_engine()


asyncio.run(main(int(sys.argv[1]), seconds=600 if len(sys.argv) > 2 else 0.02))
