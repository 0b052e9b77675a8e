"""Relations of every kind."""

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    func,
    select,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from ....core.db import (
    Base,
    BigIntPrimaryKey,
    ExactDecimal,
    Key,
    PrimaryKey,
    SoftDelete,
    Timestamps,
    Versioned,
)
from .columns import Colour

book_tags = Table(
    "book_tags",
    Base.metadata,
    Column[Key]("book_id", ForeignKey("books.id", ondelete="CASCADE"), primary_key=True),
    Column[Key]("tag_id", ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True),
)


class Author(PrimaryKey, Timestamps, Base):
    """One to many, guarded: an author who has books cannot be deleted."""

    name: Mapped[str] = mapped_column(String(80))

    books: Mapped[list["Book"]] = relationship(
        back_populates="author", lazy="raise_on_sql", passive_deletes="all"
    )
    credits: Mapped[list["Credit"]] = relationship(
        back_populates="author", lazy="raise_on_sql", passive_deletes="all"
    )

    @hybrid_property
    def is_viewer(self) -> bool:
        """Whether the argument `viewer` of a statement is this author's name."""
        raise NotImplementedError

    @is_viewer.inplace.expression
    @classmethod
    def _is_viewer(cls) -> ColumnElement[bool]:
        return (cls.name == bindparam("viewer")).is_(True)

    @hybrid_property
    def book_count(self) -> int:
        """The number of books that are not deleted."""
        raise NotImplementedError

    @book_count.inplace.expression
    @classmethod
    def _book_count(cls) -> ColumnElement[int]:
        counted = select(func.count(Book.id)).where(Book.author_id == cls.id)
        return counted.correlate_except(Book).scalar_subquery()

    @hybrid_property
    def shelf_count(self) -> int:
        """The same, counted by an alias."""
        raise NotImplementedError

    @shelf_count.inplace.expression
    @classmethod
    def _shelf_count(cls) -> ColumnElement[int]:
        shelf = aliased(Book)
        counted = select(func.count(shelf.id)).where(shelf.author_id == cls.id)
        return counted.correlate_except(shelf).scalar_subquery()


class Publisher(PrimaryKey, Base):
    """One to many, loose: the books of a deleted publisher have none."""

    name: Mapped[str] = mapped_column(String(80))
    meta: Mapped[dict[str, Any]] = mapped_column(default=dict)

    books: Mapped[list["Book"]] = relationship(
        back_populates="publisher", lazy="raise_on_sql", passive_deletes=True
    )


class Book(PrimaryKey, Versioned, SoftDelete, Timestamps, Base):
    title: Mapped[str] = mapped_column(String(100))
    isbn: Mapped[str | None] = mapped_column(String(13), unique=True)
    price: Mapped[Decimal | None] = mapped_column(ExactDecimal(10, 2))
    author_id: Mapped[Key] = mapped_column(ForeignKey("authors.id"), index=True)
    publisher_id: Mapped[Key | None] = mapped_column(
        ForeignKey("publishers.id", ondelete="SET NULL"), index=True
    )

    author: Mapped[Author] = relationship(back_populates="books", lazy="raise_on_sql")
    publisher: Mapped[Publisher | None] = relationship(back_populates="books", lazy="raise_on_sql")
    jacket: Mapped["Jacket | None"] = relationship(
        back_populates="book", lazy="raise_on_sql", cascade="all, delete-orphan"
    )
    chapters: Mapped[list["Chapter"]] = relationship(
        back_populates="book",
        lazy="raise_on_sql",
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by="Chapter.number",
    )
    tags: Mapped[list["Tag"]] = relationship(
        secondary=book_tags, back_populates="books", lazy="raise_on_sql", passive_deletes=True
    )
    credits: Mapped[list["Credit"]] = relationship(
        back_populates="book",
        lazy="raise_on_sql",
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by="Credit.position",
    )


class Jacket(PrimaryKey, Base):
    """One to one: the foreign key is unique. The ORM deletes it with its book."""

    book_id: Mapped[Key] = mapped_column(ForeignKey("books.id"), unique=True)
    colour: Mapped[Colour] = mapped_column(default=Colour.RED)

    book: Mapped[Book] = relationship(back_populates="jacket", lazy="raise_on_sql")


class Chapter(BigIntPrimaryKey, Base):
    """Many to one: deleted with its book by the database, and by the ORM when it is taken out."""

    __table_args__ = (
        UniqueConstraint("book_id", "number"),
        CheckConstraint("number > 0", name="number_positive"),
    )

    book_id: Mapped[Key] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(100))

    book: Mapped[Book] = relationship(back_populates="chapters", lazy="raise_on_sql")
    footnotes: Mapped[list["Footnote"]] = relationship(
        back_populates="chapter",
        lazy="raise_on_sql",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )


class Footnote(BigIntPrimaryKey, Base):
    """The foot of a chain: gone with its chapter, and so with the book."""

    chapter_id: Mapped[int] = mapped_column(ForeignKey("chapters.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(String(200))

    chapter: Mapped[Chapter] = relationship(back_populates="footnotes", lazy="raise_on_sql")


class Tag(PrimaryKey, Base):
    """Many to many: the table between holds nothing but the two keys."""

    name: Mapped[str] = mapped_column(String(40), unique=True)
    meta: Mapped[dict[str, Any]] = mapped_column(default=dict)

    books: Mapped[list[Book]] = relationship(
        secondary=book_tags, back_populates="tags", lazy="raise_on_sql", passive_deletes=True
    )


class Credit(Base):
    """Many to many, with columns of its own: who did what for a book."""

    book_id: Mapped[Key] = mapped_column(
        ForeignKey("books.id", ondelete="CASCADE"), primary_key=True
    )
    author_id: Mapped[Key] = mapped_column(
        ForeignKey("authors.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]

    book: Mapped[Book] = relationship(back_populates="credits", lazy="raise_on_sql")
    author: Mapped[Author] = relationship(back_populates="credits", lazy="raise_on_sql")


class Place(PrimaryKey, Base):
    """A tree: each place is in another one, but for the roots."""

    name: Mapped[str] = mapped_column(String(80))
    parent_id: Mapped[Key | None] = mapped_column(
        ForeignKey("places.id", ondelete="CASCADE"), index=True
    )

    parent: Mapped["Place | None"] = relationship(
        back_populates="children", lazy="raise_on_sql", remote_side="Place.id"
    )
    children: Mapped[list["Place"]] = relationship(
        back_populates="parent", lazy="raise_on_sql", passive_deletes="all"
    )


class Trip(PrimaryKey, Base):
    """Two foreign keys to one table: each relationship names its own."""

    start_id: Mapped[Key] = mapped_column(ForeignKey("places.id"), index=True)
    end_id: Mapped[Key] = mapped_column(ForeignKey("places.id"), index=True)
    miles: Mapped[int]

    start: Mapped[Place] = relationship(foreign_keys=[start_id], lazy="raise_on_sql")
    end: Mapped[Place] = relationship(foreign_keys=[end_id], lazy="raise_on_sql")
