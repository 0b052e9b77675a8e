"""Enqueue a webhook in a unit of work that commits, and one in a unit that is rolled back.

Argument: the receiver's URL. It prints the receiver's key.
"""

import asyncio
import sys
from contextlib import suppress

from my_service.apps.shop.models import Order, Receiver
from my_service.apps.shop.tasks import announce
from my_service.core.db import dispose_engine, transaction
from my_service.core.webhooks import make_key


class Change(Exception):
    """Rolls a unit of work back."""


async def main(url: str) -> None:
    receiver = Receiver(url=url, signing_key=make_key())
    order = Order(number=1, email="ada@example.org")
    async with transaction() as session:
        session.add_all([receiver, order])
        await session.flush()
        await announce.enqueue(session, receiver.id, order.id)
    with suppress(Change):
        async with transaction() as session:
            await announce.enqueue(session, receiver.id, order.id)
            raise Change
    print(receiver.signing_key)
    await dispose_engine()


asyncio.run(main(sys.argv[1]))
