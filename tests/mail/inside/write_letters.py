"""Enqueue a mail in a unit of work that commits, and one in a unit that is rolled back."""

import asyncio
import sys
from contextlib import suppress

from my_service.apps.letters.tasks import welcome
from my_service.core.db import dispose_engine, transaction


class Change(Exception):
    """Rolls a unit of work back."""


async def main(address: str) -> None:
    async with transaction() as session:
        await welcome.enqueue(session, address, "Ada")
    with suppress(Change):
        async with transaction() as session:
            await welcome.enqueue(session, "rolled-back@example.org", "Eve")
            raise Change
    await dispose_engine()


asyncio.run(main(sys.argv[1]))
