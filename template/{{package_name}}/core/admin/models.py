# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The audit log: who changed which row in the admin, when, from where, and how."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, update
from sqlalchemy.event import listens_for
from sqlalchemy.orm import Mapped, Session, UOWTransaction, mapped_column
from sqlalchemy.orm.attributes import get_history

from ..auth import BaseUser
from ..db import Base, Json, Key, UUIDPrimaryKey
from .naming import LONGEST_KEY, key_of, model_of, name_of


class AuditEntry(UUIDPrimaryKey, Base):
    """A change of one row, stored in the unit of work that made it."""

    __tablename__ = "admin_audit"
    __table_args__ = (Index(None, "model", "row_key", "created_at"),)

    created_at: Mapped[datetime] = mapped_column(index=True)
    user_id: Mapped[Key | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    user_email: Mapped[str] = mapped_column(String(254))  # at that time
    ip_address: Mapped[str | None] = mapped_column(String(45))
    action: Mapped[str] = mapped_column(String(10))  # add, change or delete
    model: Mapped[str] = mapped_column(String(130))  # such as "shop.product"
    row_key: Mapped[str] = mapped_column(String(LONGEST_KEY))  # by `key_of`
    changes: Mapped[dict[str, Any]] = mapped_column(Json())  # [before, after] by column


@listens_for(Session, "after_flush")
def forget(session: Session, context: UOWTransaction) -> None:
    """Remove the personal data of users whose accounts are closed, which replaces the address."""
    inactive = [each for each in session.dirty if isinstance(each, BaseUser) and not each.is_active]
    for user in inactive:
        if get_history(user, "email").has_changes():
            by, of = AuditEntry.user_id == user.id, AuditEntry.row_key == key_of(user)
            named = update(AuditEntry).where(by).values(user_email=user.email, ip_address=None)
            about = update(AuditEntry).where(of, AuditEntry.model == name_of(model_of(user)))
            session.execute(named)
            session.execute(about.values(changes={}))
