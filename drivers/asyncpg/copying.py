# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What a PostgreSQL database needs after rows with their keys were written to it."""

from sqlalchemy import Column, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection


async def count_on(connection: AsyncConnection, table: Table, key: Column[int]) -> None:
    """Have the next key counted up from the highest one: a sequence hears of no key that is given.

    Args:
        connection: in the transaction that wrote the rows.
        table: that has rows.
        key: its column that is counted up.
    """
    name = connection.dialect.identifier_preparer.format_table(table)
    sequence = func.pg_get_serial_sequence(name, key.name)
    await connection.execute(select(func.setval(sequence, select(func.max(key)).scalar_subquery())))
