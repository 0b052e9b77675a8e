"""Columns and indexes that only PostgreSQL has."""

from sqlalchemy import Computed, Identity, Index, String, Text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from ...core.db import Base


class Article(Base):
    __table_args__ = (
        Index("ix_articles_tags", "tags", postgresql_using="gin"),
        Index("ix_articles_words", "words", postgresql_using="gin"),
    )

    number: Mapped[int] = mapped_column(Identity(start=1000), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    words: Mapped[str] = mapped_column(
        TSVECTOR, Computed("to_tsvector('english', title || ' ' || body)", persisted=True)
    )
