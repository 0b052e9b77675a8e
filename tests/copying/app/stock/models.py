"""Columns of every type, rows that refer to each other in circles, and keys of both kinds."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Interval,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from ...core.db import (
    Base,
    BigIntPrimaryKey,
    ExactDecimal,
    Json,
    PrimaryKey,
    SoftDelete,
    Timestamps,
    UUIDPrimaryKey,
    Versioned,
)


class State(StrEnum):
    NEW = "new"
    ON_SALE = "on sale"


class Mirrored(TypeDecorator[str]):
    """A column type of the service: text, stored as reversed bytes."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else value[::-1].encode()

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else bytes(value).decode()[::-1]


class Shelf(BigIntPrimaryKey, Base):
    """A tree."""

    __tablename__ = "shelves"

    label: Mapped[str] = mapped_column(String(80))
    inside_id: Mapped[int | None] = mapped_column(ForeignKey("shelves.id"))


class Item(UUIDPrimaryKey, Versioned, SoftDelete, Timestamps, Base):
    """A column of each type; nullable ones are sometimes NULL."""

    name: Mapped[str] = mapped_column(String(120))
    story: Mapped[str | None] = mapped_column(Text)
    sold: Mapped[bool | None]
    small: Mapped[int | None] = mapped_column(SmallInteger)
    number: Mapped[int | None]
    big: Mapped[int | None] = mapped_column(BigInteger)
    ratio: Mapped[float | None]
    amount: Mapped[Decimal | None]
    price: Mapped[Decimal | None] = mapped_column(ExactDecimal(10, 2))
    photo: Mapped[bytes | None]
    ref: Mapped[UUID | None]
    state: Mapped[State | None]
    at: Mapped[datetime | None]
    day: Mapped[date | None]
    clock: Mapped[time | None]
    span: Mapped[timedelta | None]
    details: Mapped[dict[str, Any] | None]
    document: Mapped[Any] = mapped_column(Json(), nullable=True)
    secret: Mapped[str | None] = mapped_column(Mirrored)
    words: Mapped[list[str] | None]
    factors: Mapped[list[float] | None]
    moments: Mapped[list[datetime] | None]
    gap: Mapped[timedelta | None] = mapped_column(Interval)
    token: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    code: Mapped[str | None] = mapped_column("short_code", String(4))
    cost: Mapped[Decimal | None] = mapped_column(Numeric(12, 3))
    same: Mapped[int | None] = mapped_column(Computed("number", persisted=True))
    shelf_id: Mapped[int] = mapped_column(ForeignKey("shelves.id"))


class Tag(BigIntPrimaryKey, Base):
    word: Mapped[str] = mapped_column(String(40), unique=True)


item_tags = Table(
    "item_tags",
    Base.metadata,
    Column[UUID]("item_id", ForeignKey("items.id"), primary_key=True),
    Column[int]("tag_id", ForeignKey("tags.id"), primary_key=True),
)


class Note(PrimaryKey, Base):
    """Two foreign keys to one table, one of them nullable."""

    item_id: Mapped[UUID] = mapped_column(ForeignKey("items.id"))
    other_id: Mapped[UUID | None] = mapped_column(ForeignKey("items.id"))
    text: Mapped[str] = mapped_column(String(200))


class Desk(Base):
    """A tree for each tenant: of the foreign key's two columns, one is NOT NULL."""

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "above"], ["desks.tenant_id", "desks.number"]),
    )
    tenant_id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    above: Mapped[int | None]
