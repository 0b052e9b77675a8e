"""Columns of every type, and the small tables that are written to most."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ....core.db import (
    Base,
    BigIntPrimaryKey,
    ExactDecimal,
    Json,
    PrimaryKey,
    SoftDelete,
    Timestamps,
    Versioned,
)


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"
    DEEP_BLUE = "deep blue"


class Sample(PrimaryKey, Base):
    """A column of each type. All of them may be empty."""

    word: Mapped[str | None] = mapped_column(String(10))
    line: Mapped[str | None]
    story: Mapped[str | None] = mapped_column(Text)
    flag: Mapped[bool | None]
    small: Mapped[int | None] = mapped_column(SmallInteger)
    number: Mapped[int | None]
    big: Mapped[int | None] = mapped_column(BigInteger)
    ratio: Mapped[float | None]
    amount: Mapped[Decimal | None]
    price: Mapped[Decimal | None] = mapped_column(ExactDecimal(10, 2))
    data: Mapped[bytes | None]
    ref: Mapped[UUID | None]
    colour: Mapped[Colour | None]
    at: Mapped[datetime | None]
    day: Mapped[date | None]
    clock: Mapped[time | None]
    span: Mapped[timedelta | None]
    meta: Mapped[dict[str, Any] | None]
    document: Mapped[Any] = mapped_column(Json(), nullable=True)


class Counter(Base):
    """A number under a name, which is its key."""

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int]
    note: Mapped[str | None] = mapped_column(String(40))


class Setting(BigIntPrimaryKey, Versioned, SoftDelete, Timestamps, Base):
    """A row with all the mixins, and a key that the database counts up."""

    name: Mapped[str] = mapped_column(String(40), unique=True)
    value: Mapped[str | None] = mapped_column(String(40))
