"""Types and operators that a database has beyond SQLAlchemy's common ones."""

from typing import Any

import pytest
from sqlalchemy import JSON, Column, Integer, MetaData, String, Table, select, text
from sqlalchemy.dialects.postgresql import HSTORE, MACADDR
from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.lab.models import Sample
from my_service.apps.lab.repository import SampleRepository
from my_service.core.db.importing import import_rows

from .support import database

DOCUMENT = {"name": "é", "sizes": [5, 6]}

META: Any = Sample.meta
LIST: Any = Sample.document


def conditions() -> list[Any]:
    """Each of them is true for the first of two documents."""
    common = [META["name"].as_string() == "é", META[("sizes", 1)].as_integer() == 6]
    if database() != "postgresql":
        return common
    return [
        *common,
        META.has_key("name"),
        META.path_exists("$.sizes[*] ? (@ == 6)"),
        META.path_match("$.sizes[0] == 5"),
        META.contains({"sizes": [5]}),
        META == DOCUMENT,
        LIST.contains(["a"]) & (LIST != "a"),
        LIST == ["a", "b"],
        LIST.has_key("b"),
    ]


async def test_a_document_is_asked_for_keys_and_paths(session: AsyncSession) -> None:
    samples = SampleRepository(session)
    await samples.add(Sample(line="yes", meta=DOCUMENT, document=["a", "b"]))
    await samples.add(Sample(line="no", meta={"other": 1}, document="a"))
    for condition in conditions():
        found = await samples.find(condition)
        assert [row.line for row in found] == ["yes"], condition


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (String(17).with_variant(MACADDR(), "postgresql"), "08:00:2b:01:02:03"),
        (JSON().with_variant(HSTORE(), "postgresql"), {"a": "1", "b": None}),
    ],
    ids=["macaddr", "hstore"],
)
async def test_rows_of_any_type_are_imported(session: AsyncSession, kind: Any, value: Any) -> None:
    """PostgreSQL's COPY cannot take all of them."""
    if database() == "postgresql":
        await session.execute(text("CREATE EXTENSION IF NOT EXISTS hstore"))
    table = Table(
        f"imported_{type(value).__name__}",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("value", kind),
        prefixes=["TEMPORARY"],
    )
    connection = await session.connection()
    await connection.run_sync(table.create)
    rows = ({"id": n, "value": value} for n in range(1, 1_501))
    assert await import_rows(session, table, rows) == 1_500
    last = await session.scalar(select(table.c.value).where(table.c.id == 1_500))
    assert last == value
