"""Orders, their invoices, and the receivers of webhooks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ...core.db import Base, PrimaryKey, utc_now


class Order(PrimaryKey, Base):
    """An order of one customer."""

    number: Mapped[int]
    email: Mapped[str]
    is_paid: Mapped[bool] = mapped_column(default=False)
    paid_at: Mapped[datetime] = mapped_column(default=utc_now)


class Invoice(PrimaryKey, Base):
    """The invoice of an order."""

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))


class Receiver(PrimaryKey, Base):
    """A customer's URL for webhooks."""

    url: Mapped[str]
    signing_key: Mapped[str]
