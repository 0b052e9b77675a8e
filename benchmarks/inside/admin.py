"""Runs inside a generated project: adds products.

admin.py ROWS
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

from my_service.apps.shop.models import ProductKind
from my_service.apps.shop.repository import ProductRepository
from my_service.core.db import dispose_engine, transaction

BATCH = 10_000
KINDS = [*ProductKind]
START = datetime(2026, 1, 1, tzinfo=UTC)


async def main(rows: int) -> None:
    try:
        for first in range(0, rows, BATCH):
            async with transaction() as session:
                await ProductRepository(session).add_many(
                    [
                        {
                            "name": f"Product {number}",
                            "sku": f"sku-{number:07}",
                            "price": number % 1000,
                            "kind": KINDS[2 if number % 1000 == 0 else number % 2],
                            "sold": START + timedelta(seconds=number),
                        }
                        for number in range(first, min(first + BATCH, rows))
                    ],
                )
    finally:
        await dispose_engine()


asyncio.run(main(int(sys.argv[1])))
