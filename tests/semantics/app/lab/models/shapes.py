"""Tables of unusual shapes: composite keys, other names, inheritance, values of the database's."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, func, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from ....core.db import (
    Base,
    BigIntPrimaryKey,
    Key,
    PrimaryKey,
    SoftDelete,
    Timestamps,
    Versioned,
    utc_now,
)


class Seat(Base):
    """A composite key. The attributes and their columns have different names."""

    row: Mapped[int] = mapped_column("seat_row", primary_key=True, autoincrement=False)
    letter: Mapped[str] = mapped_column("seat_letter", String(2), primary_key=True)
    guest: Mapped[str | None] = mapped_column("guest_name", String(40))
    rank: Mapped[int] = mapped_column("seat_rank", default=0)


class Link(Base):
    """Nothing but a composite key."""

    one: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    other: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


def length_of_text(context: Any) -> int:
    return len(context.get_current_parameters().get("text") or "")


class Draft(BigIntPrimaryKey, Base):
    """Columns that an update sets by itself, with and without a default for the insert."""

    name: Mapped[str] = mapped_column("draft_name", String(40), unique=True)
    text: Mapped[str | None] = mapped_column(String(40))
    touched_at: Mapped[datetime | None] = mapped_column("touched", onupdate=utc_now)
    state: Mapped[str] = mapped_column(String(40), default="new", onupdate="changed")
    length: Mapped[int | None] = mapped_column(onupdate=length_of_text)


class Argument(BigIntPrimaryKey, Versioned, Base):
    """Columns with names that arguments of statements have had."""

    key_0: Mapped[int] = mapped_column(default=0)
    seen_version: Mapped[int] = mapped_column(default=0)
    row_limit: Mapped[int] = mapped_column(default=4)
    row_offset: Mapped[int] = mapped_column(default=1)
    after_0: Mapped[int] = mapped_column(default=0)


class Event(BigIntPrimaryKey, Base):
    """Values that the database computes."""

    name: Mapped[str] = mapped_column(String(40))
    size: Mapped[int] = mapped_column(default=1)
    level: Mapped[int] = mapped_column(server_default=text("3"))
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class Animal(PrimaryKey, Timestamps, SoftDelete, Base):
    """The base of a hierarchy."""

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"polymorphic_on": "kind", "polymorphic_identity": cls.__name__.lower()}

    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(40))
    owner_id: Mapped[Key | None] = mapped_column(ForeignKey("keepers.id"), index=True)

    owner: Mapped["Keeper | None"] = relationship(back_populates="animals", lazy="raise_on_sql")


class Dog(Animal):
    """In the table of its base."""

    tricks: Mapped[int | None]


class Horse(Animal):
    """In a table that is joined to its base's."""

    id: Mapped[Key] = mapped_column(ForeignKey("animals.id", ondelete="CASCADE"), primary_key=True)
    height: Mapped[int]


class Keeper(PrimaryKey, Base):
    """Its collection is loaded by a join, always."""

    __tablename__ = "keepers"

    name: Mapped[str] = mapped_column(String(40))

    animals: Mapped[list[Animal]] = relationship(back_populates="owner", lazy="joined")
