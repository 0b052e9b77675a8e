# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The audit log: who changed which row in the admin, when, from where, and how."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key, UUIDPrimaryKey


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
    row_key: Mapped[str] = mapped_column(String(255))  # several columns are joined by commas
    changes: Mapped[dict[str, Any]] = mapped_column(Json())  # [before, after] by column
