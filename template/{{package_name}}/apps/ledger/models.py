"""The tables of the ledger."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...core.db import Base, ExactDecimal, Key, PrimaryKey, Timestamps

MONEY = ExactDecimal(18, 2)


class Account(PrimaryKey, Timestamps, Base):
    """A user's money. The balance is never negative."""

    __table_args__ = (
        CheckConstraint("balance >= 0", name="balance_not_negative"),
        Index(None, "owner_id", "id"),
    )

    owner_id: Mapped[Key] = mapped_column(ForeignKey("users.id"))
    balance: Mapped[Decimal] = mapped_column(MONEY)


class Transfer(PrimaryKey, Timestamps, Base):
    """A payment from one account to another: two foreign keys to one table."""

    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("from_account_id <> to_account_id", name="two_accounts"),
    )

    from_account_id: Mapped[Key] = mapped_column(ForeignKey("accounts.id"), index=True)
    to_account_id: Mapped[Key] = mapped_column(ForeignKey("accounts.id"), index=True)
    amount: Mapped[Decimal] = mapped_column(MONEY)

    from_account: Mapped[Account] = relationship(
        foreign_keys=[from_account_id], lazy="raise_on_sql"
    )
    to_account: Mapped[Account] = relationship(foreign_keys=[to_account_id], lazy="raise_on_sql")
