# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What a MySQL or MariaDB database needs after rows with their keys were written to it."""

from sqlalchemy import Column, Table
from sqlalchemy.ext.asyncio import AsyncConnection


async def count_on(connection: AsyncConnection, table: Table, key: Column[int]) -> None:
    """Nothing has to be done: AUTO_INCREMENT counts on from the highest key there is."""
