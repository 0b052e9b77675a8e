"""Runs inside a generated project: adds users, and prints the keys of some as JSON.

    users.py ROWS NAME
"""

import asyncio
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

from my_service.apps.accounts.repository import UserRepository
from my_service.core.db import dispose_engine, transaction

BATCH = 10_000
SHOWN = 1_000


async def main(rows: int, name: str) -> None:
    try:
        for first in range(0, rows, BATCH):
            async with transaction() as session:
                await UserRepository(session).add_many(
                    [
                        {
                            "email": f"{name}{number}@example.com",
                            "username": f"{name}{number}",
                            "full_name": f"User {number}",
                        }
                        for number in range(first, min(first + BATCH, rows))
                    ]
                )
        async with transaction(read_only=True) as session:
            users = await UserRepository(session).find(limit=SHOWN)
    finally:
        await dispose_engine()
    print(json.dumps([str(user.id) for user in users]))


asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
