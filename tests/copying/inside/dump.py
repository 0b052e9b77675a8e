"""Print every row of the project's database, as its models read it, a line each, sorted."""

import asyncio
from typing import Any

from my_service.core.apps import import_models
from my_service.core.db import Base, dispose_engine, get_engine
from my_service.settings import settings
from sqlalchemy import select


def shown(value: Any) -> str:
    """A value with its type; a document with its keys in order, as databases keep none."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {shown(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    return f"{value!s}|{value!r}" if "UUID" in type(value).__name__ else repr(value)


async def dump() -> None:
    import_models(settings)
    async with get_engine().connect() as connection:
        for table in sorted(Base.metadata.tables.values(), key=lambda table: table.fullname):
            rows = await connection.execute(select(table))
            for line in sorted(" ".join(map(shown, row)) for row in rows):
                print(table.fullname, line)
    await dispose_engine()


asyncio.run(dump())
