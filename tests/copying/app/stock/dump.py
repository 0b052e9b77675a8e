"""Print every row of the database as the models read it, one per line, sorted."""

import asyncio
from decimal import Decimal
from typing import Any

from sqlalchemy import null, select

from ...core.apps import import_models
from ...core.db import Base, Json, dispose_engine, get_engine
from ...settings import settings


def shown(value: Any) -> str:
    """Return a value as text with its type; the keys of JSON objects are sorted."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {shown(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{Decimal(repr(value)) + 0:f}"  # -0.0 is 0, and 1e30 may be an integer
    return f"{value!s}|{value!r}" if "UUID" in type(value).__name__ else repr(value)


async def dump() -> None:
    import_models(settings)
    async with get_engine().connect() as connection:
        for table in sorted(Base.metadata.tables.values(), key=lambda table: table.fullname):
            documents = [column for column in table.columns if isinstance(column.type, Json)]
            absent = [column.is_(null()).label(f"no_{column.name}") for column in documents]
            rows = await connection.execute(select(table, *absent))
            for line in sorted(" ".join(map(shown, row)) for row in rows):
                print(table.fullname, line)
    await dispose_engine()


asyncio.run(dump())
