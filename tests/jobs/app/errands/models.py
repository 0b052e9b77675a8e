"""What the tasks have done."""

from sqlalchemy.orm import Mapped, mapped_column

from ...core.db import Base, PrimaryKey


class Effect(PrimaryKey, Base):
    """One run of a task."""

    kind: Mapped[str]
    number: Mapped[int] = mapped_column(index=True)
