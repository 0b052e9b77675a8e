"""Attributes that are computed, by the database or by Python, and a collection that is not loaded."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Computed,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    func,
    select,
    text,
)
from sqlalchemy.event import listens_for
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (
    Mapped,
    WriteOnlyMapped,
    column_property,
    declared_attr,
    mapped_column,
    relationship,
)

from ....core.db import Base, BigIntPrimaryKey, Key, PrimaryKey

OPEN = text("paid_at IS NULL")


class Order(BigIntPrimaryKey, Base):
    """A total that the database computes, and an index of the open orders."""

    __table_args__ = (
        Index("ix_orders_open", "customer_id", postgresql_where=OPEN, sqlite_where=OPEN),
    )

    customer_id: Mapped[Key] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    quantity: Mapped[int]
    price: Mapped[int]
    total: Mapped[int] = mapped_column(Computed("quantity * price", persisted=True), nullable=True)
    paid_at: Mapped[datetime | None]

    customer: Mapped["Customer"] = relationship(back_populates="orders", lazy="raise_on_sql")

    @hybrid_property
    def is_paid(self) -> bool:
        return self.paid_at is not None

    @is_paid.inplace.expression
    @classmethod
    def _is_paid(cls) -> ColumnElement[bool]:
        return cls.paid_at.is_not(None)


class Customer(PrimaryKey, Base):
    """Has a collection that only statements read, and a column that is a subquery."""

    name: Mapped[str] = mapped_column(String(40))
    notes: Mapped[str | None] = mapped_column(Text)

    orders: WriteOnlyMapped[Order] = relationship(
        back_populates="customer", cascade="all, delete-orphan", passive_deletes=True
    )

    @declared_attr
    def order_count(cls) -> Mapped[int]:
        counted = select(func.count(Order.id)).where(Order.customer_id == cls.id)
        return column_property(counted.correlate_except(Order).scalar_subquery())


@listens_for(Customer, "before_insert")
def strip_name(mapper: Any, connection: Any, customer: Customer) -> None:
    customer.name = customer.name.strip()


class BookCount(Base):
    """A view, which a revision creates: migrations do not compare it."""

    metadata = MetaData()

    author_id: Mapped[Key] = mapped_column(primary_key=True)
    books: Mapped[int]
