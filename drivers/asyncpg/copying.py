# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What a PostgreSQL database needs where rows are written with their keys."""

from sqlalchemy import Column, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection


async def take_keys(connection: AsyncConnection) -> None:
    """Nothing has to be done: PostgreSQL takes every key that is given."""


async def count_on(connection: AsyncConnection, table: Table, key: Column[int]) -> None:
    """Have the next key counted up from the highest one: a sequence hears of no key that is given.

    Args:
        connection: in the transaction that wrote the rows.
        table: that has rows.
        key: its column that is counted up.
    """
    name = connection.dialect.identifier_preparer.format_table(table)
    sequence = func.pg_get_serial_sequence(name, key.name)
    highest = select(func.max(key)).scalar_subquery()
    counted = func.setval(sequence, func.greatest(highest, 1), highest >= 1)
    await connection.execute(select(counted))
