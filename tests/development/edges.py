"""Models and rows whose values are hard to keep exactly."""

MODELS = '''
import enum
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON, BigInteger, Column, Computed, Double, Enum, ForeignKey, ForeignKeyConstraint, Numeric,
    String, Table, Text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...core.db import Base, BigIntPrimaryKey, ExactDecimal, Json, SoftDelete, UUIDPrimaryKey


class Mood(StrEnum):
    GOOD = "good"
    BAD = "it's \\u2028 bad"


class Level(enum.Enum):
    low = 1
    high = 2


tagged = Table(
    "tagged",
    Base.metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("label", ForeignKey("labels.name"), primary_key=True),
)


class Label(Base):
    name: Mapped[str] = mapped_column(String(20), primary_key=True)


class Person(BigIntPrimaryKey, SoftDelete, Base):
    """Refers to itself and, in a circle, to its home."""

    __tablename__ = "people"

    name: Mapped[str] = mapped_column(String(40))
    chief_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    home_id: Mapped[UUID | None] = mapped_column(ForeignKey("homes.id", use_alter=True))
    labels: Mapped[list[Label]] = relationship(secondary=tagged, lazy="raise_on_sql")


class Home(UUIDPrimaryKey, Base):
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"))


class Place(Base):
    area: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    within_area: Mapped[int | None]
    within_number: Mapped[int | None]

    __table_args__ = (
        ForeignKeyConstraint(["within_area", "within_number"], ["places.area", "places.number"]),
    )


class Edge(BigIntPrimaryKey, Base):
    line: Mapped[str] = mapped_column(Text)
    price: Mapped[Decimal] = mapped_column(ExactDecimal(18, 4))
    share: Mapped[float]
    data: Mapped[bytes]
    at: Mapped[datetime]
    day: Mapped[date]
    hour: Mapped[time]
    lasts: Mapped[timedelta]
    code: Mapped[UUID]
    mood: Mapped[Mood]
    level: Mapped[Level] = mapped_column(Enum(Level, name="level"))
    big: Mapped[int] = mapped_column(BigInteger)
    yes: Mapped[bool]
    document: Mapped[Any] = mapped_column(Json, nullable=True)
    plain: Mapped[Any] = mapped_column(JSON, nullable=True)
    words: Mapped[list[str] | None]
    double: Mapped[int] = mapped_column(BigInteger, Computed("big + 1", persisted=True))
    select: Mapped[str | None] = mapped_column("select %(x)s", String(9))
'''

FILL = """
import asyncio
import sys
from datetime import *
from decimal import Decimal
from uuid import UUID

from sqlalchemy import JSON, text

from my_service.apps.lab.models import *
from my_service.core.db import dispose_engine, transaction


async def fill():
    async with transaction() as session:
        rows = [
            Edge(
                line="", price=Decimal(0), share=0.1, data=b"", at=datetime(1970, 1, 1, tzinfo=UTC),
                day=date(1970, 1, 1), hour=time(0), lasts=timedelta(0), code=UUID(int=0),
                mood=Mood.GOOD, level=Level.low, big=0, yes=False,
            ),
            Edge(
                line='"\\\\\\n\\r\\u2028é😀', price=Decimal("-99999999999999.9999"), share=5e-324,
                data=bytes(range(256)), at=datetime(2026, 10, 25, 0, 59, 59, 999999, tzinfo=UTC),
                day=date(9999, 12, 30), hour=time(23, 59, 59, 999999),
                lasts=timedelta(days=-400, microseconds=1), code=UUID(int=2**128 - 1),
                mood=Mood.BAD, level=Level.high, big=-(2**63), yes=True, select="%(x)s",
                document={"$json": None}, plain={"$json": {"a": [1.5, 2**60, "é"]}}, words=["a", ""],
            ),
            Edge(
                line="a" * 70_000, price=Decimal("0.0001"), share=-1.7976931348623157e308,
                data=b"\\0" * 70_000, at=datetime(1000, 1, 2, tzinfo=UTC), day=date(1000, 1, 1),
                hour=time(1, 2, 3, 4), lasts=timedelta(microseconds=-1), code=UUID(int=7),
                mood=Mood.GOOD, level=Level.low, big=2**63 - 2, yes=True,
                document=JSON.NULL, plain=JSON.NULL, words=[],
            ),
        ]
        session.add_all(rows)
        labels = [Label(name="x"), Label(name="y")]
        people = [Person(id=key, name=f"p{key}") for key in range(1, 2_501)]
        people[2].deleted_at = datetime(2020, 1, 1, tzinfo=UTC)
        people[0].labels = labels
        session.add_all([*labels, *people])
        await session.flush()
        homes = [Home(owner_id=2), Home(owner_id=1)]
        session.add_all(homes)
        places = [Place(area=area, number=number) for area in range(3) for number in range(10)]
        session.add_all(places)
        await session.flush()
        for place in places:
            place.within_area, place.within_number = 2 - place.area, 9 - place.number
        people[0].home_id, people[1].home_id = homes[0].id, homes[1].id
        people[0].chief_id, people[1].chief_id, people[4].chief_id = 2_500, 1, 5
    await dispose_engine()


asyncio.run(fill())
"""

# Types and values that only one database has.
NATIVE_MODELS = """
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, Column, DateTime, Double, Identity, Integer, Numeric, String, Table
from sqlalchemy.dialects.postgresql import INET, INT4RANGE, INTERVAL, JSON, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from ...core.db import Base, BigIntPrimaryKey


class Native(BigIntPrimaryKey, Base):
    at: Mapped[datetime]
    local: Mapped[datetime] = mapped_column(DateTime)
    double: Mapped[float] = mapped_column(Double)
    number: Mapped[Decimal] = mapped_column(Numeric)
    words: Mapped[list[Any]] = mapped_column(ARRAY(String(9)))
    grid: Mapped[Any] = mapped_column(ARRAY(Integer, dimensions=2))
    address: Mapped[Any] = mapped_column(INET)
    spans: Mapped[Any] = mapped_column(INT4RANGE)
    found: Mapped[Any] = mapped_column(TSVECTOR)
    document: Mapped[Any] = mapped_column(JSON)


class Keyed(Base):
    address: Mapped[Any] = mapped_column(INET, primary_key=True)
    line: Mapped[str | None]


class Counted(Base):
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)


unkeyed = Table("unkeyed", Base.metadata, Column("line", String(9)))
"""

NATIVE_ROWS = [
    "INSERT INTO natives (at, local, double, number, words, grid, address, spans, found, document)"
    " VALUES ('infinity', '2026-01-02 03:04:05.000006', 'Infinity', 'NaN', '{a,NULL,\"b,c\"}',"
    " '{{1,2},{3,4}}', '10.0.0.0/8', '[1,5)', 'a:1A b:2', 'null'),"
    " ('-infinity', '0001-01-02', '-Infinity', '123456789012345678901234567890.123456789', '{}',"
    " '{}', '::1', 'empty', '', '[1, null]')",
    "INSERT INTO keyeds VALUES ('10.0.0.1', NULL), ('::1', 'six')",
    "INSERT INTO counteds VALUES (41)",
    "INSERT INTO unkeyed VALUES ('a'), ('a'), (NULL)",
]
