# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What a SQLite database needs where rows are written with their keys."""

from sqlalchemy import Column, Table
from sqlalchemy.ext.asyncio import AsyncConnection


async def take_keys(connection: AsyncConnection) -> None:
    """Nothing has to be done: SQLite takes every key that is given."""


async def count_on(connection: AsyncConnection, table: Table, key: Column[int]) -> None:
    """Nothing has to be done: SQLite counts on from the highest key there is."""
