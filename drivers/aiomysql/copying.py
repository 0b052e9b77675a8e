# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What a MySQL or MariaDB database needs where rows are written with their keys."""

from sqlalchemy import Column, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection


async def take_keys(connection: AsyncConnection) -> None:
    """Have a key of 0 written as such: else it asks for the next number."""
    await connection.execute(
        text("SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')")
    )


async def count_on(connection: AsyncConnection, table: Table, key: Column[int]) -> None:
    """Nothing has to be done: AUTO_INCREMENT counts on from the highest key there is."""
