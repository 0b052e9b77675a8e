"""The tables of the blog."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ...core.db import Base, Key, PrimaryKey, Slugged, Timestamps, Versioned
from ..users.models import User


class PostStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


class Post(PrimaryKey, Slugged, Versioned, Timestamps, Base):
    __table_args__ = (
        Index(None, "created_at", "id"),
        Index(None, "status", "created_at"),
        Index(None, "author_id", "created_at"),
    )

    author_id: Mapped[Key] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    status: Mapped[PostStatus] = mapped_column(default=PostStatus.DRAFT)
    meta: Mapped[dict[str, Any]] = mapped_column(default=dict)

    author: Mapped[User] = relationship(lazy="raise_on_sql")
    comments: Mapped[list["Comment"]] = relationship(
        back_populates="post", lazy="raise_on_sql", passive_deletes=True
    )
    placements: Mapped[list["PostCategory"]] = relationship(
        back_populates="post",
        lazy="raise_on_sql",
        cascade="all, delete-orphan",
        order_by="PostCategory.position",
    )


class Comment(PrimaryKey, Timestamps, Base):
    """A comment on a post, or a reply to another comment."""

    post_id: Mapped[Key] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[Key] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    parent_id: Mapped[Key | None] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), index=True
    )
    body: Mapped[str] = mapped_column(Text)

    post: Mapped[Post] = relationship(back_populates="comments", lazy="raise_on_sql")
    author: Mapped[User] = relationship(lazy="raise_on_sql")
    parent: Mapped["Comment | None"] = relationship(
        back_populates="replies", lazy="raise_on_sql", remote_side="Comment.id"
    )
    replies: Mapped[list["Comment"]] = relationship(
        back_populates="parent", lazy="raise_on_sql", passive_deletes=True
    )


class Category(PrimaryKey, Slugged, Timestamps, Base):
    name: Mapped[str] = mapped_column(String(80))

    placements: Mapped[list["PostCategory"]] = relationship(
        back_populates="category", lazy="raise_on_sql", passive_deletes=True
    )


class PostCategory(Base):
    """A post's place in a category: many to many, with an extra column."""

    post_id: Mapped[Key] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    category_id: Mapped[Key] = mapped_column(
        ForeignKey("categories.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int]

    post: Mapped[Post] = relationship(back_populates="placements", lazy="raise_on_sql")
    category: Mapped[Category] = relationship(back_populates="placements", lazy="raise_on_sql")
