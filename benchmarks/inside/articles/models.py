"""Articles with an author and tags."""

from sqlalchemy import Column, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...core.db import Base, Key, PrimaryKey, Timestamps

article_tags = Table(
    "article_tags",
    Base.metadata,
    Column[Key]("article_id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column[Key]("tag_id", ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True),
)


class Author(PrimaryKey, Base):
    name: Mapped[str] = mapped_column(String(80))
    bio: Mapped[str | None] = mapped_column(String(200))


class Tag(PrimaryKey, Base):
    name: Mapped[str] = mapped_column(String(40))


class Article(PrimaryKey, Timestamps, Base):
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(String(200))
    author_id: Mapped[Key] = mapped_column(ForeignKey("authors.id"), index=True)

    author: Mapped[Author] = relationship(lazy="raise_on_sql")
    tags: Mapped[list[Tag]] = relationship(
        secondary=article_tags, lazy="raise_on_sql", order_by=Tag.name
    )
