"""Tables are found and sorted: each row is written after the rows that it refers to."""

from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    Table,
    create_engine,
)
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.types import TypeEngine

from groundplan.copydata.groundplan_copydata.errors import CopyError
from groundplan.copydata.groundplan_copydata.service import Types
from groundplan.copydata.groundplan_copydata.tables import in_writing_order, unknown_names


class Other(TypeEngine[int]):
    """A type that no column has."""


TYPES = Types(Other, Other, Other, Other, Other, Other)


def test_a_key_that_no_row_needs_at_first_is_deferred() -> None:
    """Of two columns, the one that is NOT NULL keeps its value."""
    metadata = MetaData()
    Table(
        "desks",
        metadata,
        Column("tenant_id", Integer, primary_key=True),
        Column("number", Integer, primary_key=True),
        Column("above", Integer),
        ForeignKeyConstraint(["tenant_id", "above"], ["desks.tenant_id", "desks.number"]),
    )
    (desks,) = in_writing_order(metadata, TYPES)
    assert [column.name for column in desks.deferred] == ["above"]
    assert desks.insert([1, 2, 3]) == {"tenant_id": 1, "number": 2, "above": None}


def test_a_circle_of_required_keys_is_refused() -> None:
    metadata = MetaData()
    for name, other in (("hens", "eggs"), ("eggs", "hens")):
        Table(
            name,
            metadata,
            Column("id", Integer, primary_key=True),
            Column("of_id", Integer, ForeignKey(f"{other}.id"), nullable=False),
        )
    with pytest.raises(CopyError) as refused:
        in_writing_order(metadata, TYPES)
    assert refused.value.message == (
        "eggs.of_id is NOT NULL and refers to rows that may be inserted after its own. "
        "Make it nullable by a revision on both databases, copy, and revert that revision."
    )


def test_a_column_is_known_by_its_name_in_the_database() -> None:
    metadata = MetaData()
    kind = Column("kind", Integer, key="type_")
    Table("parts", metadata, Column("id", Integer, primary_key=True), kind)
    known = in_writing_order(metadata, TYPES)
    Table("others", metadata, Column("id", Integer, primary_key=True))
    with create_engine("sqlite://").connect() as connection:
        metadata.create_all(connection)
        assert unknown_names(connection, known) == ["others"]


def test_a_native_enum_is_written_with_its_schema() -> None:
    kind = Enum("new", "sold", name="state", schema="shop")
    metadata = MetaData(schema="shop")
    Table("items", metadata, Column("id", Integer, primary_key=True), Column("state", kind))
    (items,) = in_writing_order(metadata, TYPES)
    dialect: Any = asyncpg.dialect
    insert = str(items.copy.insert().compile(dialect=dialect()))
    assert insert == ("INSERT INTO shop.items (id, state) VALUES ($1::INTEGER, $2::shop.state)"), (
        insert
    )
