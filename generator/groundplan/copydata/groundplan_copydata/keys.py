"""What a database needs when rows are inserted with keys that it would otherwise generate."""

from sqlalchemy import Column, Table, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection


async def accept_keys(connection: AsyncConnection) -> None:
    """Make MySQL store a key of 0 as 0, where it would generate the next number; others do so anyway."""
    if connection.dialect.name in ("mysql", "mariadb"):
        await connection.execute(
            text("SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')")
        )


async def continue_counting(connection: AsyncConnection, table: Table, key: Column[int]) -> None:
    """Make the next generated key follow the highest existing one.

    PostgreSQL's sequences do not notice keys that are inserted; SQLite and MySQL continue by themselves.

    Args:
        connection: in the transaction that inserted the rows.
        table: a table with rows.
        key: its column with generated values.
    """
    if connection.dialect.name != "postgresql":
        return
    name = connection.dialect.identifier_preparer.format_table(table)
    sequence = func.pg_get_serial_sequence(name, key.name)
    highest = select(func.max(key)).scalar_subquery()
    following = func.setval(sequence, func.greatest(highest, 1), highest >= 1)
    await connection.execute(select(following))
