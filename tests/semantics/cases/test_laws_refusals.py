"""Prepared statements that cannot work are refused at import."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import String, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, validates

from my_service.apps.lab.models import Author, Book
from my_service.core.db import (
    prepare,
    prepare_delete,
    prepare_insert,
    prepare_update,
    transaction,
)
from my_service.core.web import Schema

from .support import Undone

pytestmark = pytest.mark.commits


class Scratch(DeclarativeBase):
    """Models of these tests alone."""


@dataclass
class Both:
    id: Any
    title: str


@dataclass
class Unknown:
    title: str
    price: Decimal
    cost: Decimal


class Partial(Schema):
    title: str
    note: str = "none"


@dataclass
class Related:
    title: str
    author: Any


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(TypeError, match=r"Both.id has two columns"):
        prepare(select(Book, Author), Both)
    with pytest.raises(TypeError, match=r"Both.id has two columns"):
        prepare(select(Book.id, Book.title, Author.id), Both)


def test_a_field_without_a_column_is_refused_unless_it_has_a_default() -> None:
    with pytest.raises(TypeError, match=r"Unknown\.cost has no column"):
        prepare(select(Book), Unknown)
    with pytest.raises(TypeError, match=r"Related\.author has no column"):
        prepare(select(Book), Related)
    with pytest.raises(TypeError, match=r"Unknown\.cost has no column"):
        prepare_insert(Book, Unknown)
    prepare(select(Book), Partial)
    prepare_insert(Book, Partial)


def test_plain_values_of_several_columns_are_refused() -> None:
    told = (
        "str has no fields for columns: select the one column whose values are wanted, or prepare "
        "the select for a schema"
    )
    for statement in (select(Book), select(Book.title, Book.isbn), select(Book.title, Author)):
        with pytest.raises(TypeError) as error:
            prepare(statement, str)
        assert str(error.value) == told


async def test_columns_that_are_not_read_may_have_one_name(isolated: None) -> None:
    with pytest.raises(Undone):
        async with transaction() as session:
            session.add(Book(title="a", author=Author(name="Ada")))
            row = await prepare(select(Book, Author).join(Author), Partial).one()
            assert row == Partial(title="a")
            raise Undone


class Validated(Scratch):
    __tablename__ = "scratch_validated"
    id: Mapped[int] = mapped_column(primary_key=True)

    @validates("id")
    def check(self, name: str, value: int) -> int:
        return value


class Listened(Scratch):
    __tablename__ = "scratch_listened"
    id: Mapped[int] = mapped_column(primary_key=True)


@event.listens_for(Listened, "before_insert")
@event.listens_for(Listened, "before_update")
@event.listens_for(Listened, "after_delete")
def change(*row: object) -> None:
    pass


class Made(Scratch):
    __tablename__ = "scratch_made"
    id: Mapped[int] = mapped_column(primary_key=True)

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)


class Parent(Scratch):
    __tablename__ = "scratch_parents"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(9))

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"polymorphic_on": "kind", "polymorphic_identity": cls.__name__}


class Child(Parent):
    """In the table of its parent."""


@dataclass
class OnlyId:
    id: int


@pytest.mark.parametrize("model", [Validated, Listened, Made, Parent, Child])
def test_an_insert_that_would_skip_the_orm_is_refused(model: Any) -> None:
    with pytest.raises(TypeError, match="use a Repository"):
        prepare_insert(model, OnlyId)


class ByServer(Scratch):
    """The server makes its versions."""

    __tablename__ = "scratch_by_server"
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version, "version_id_generator": False}


@pytest.mark.parametrize("model", [Validated, Listened, ByServer, Parent, Child])
def test_an_update_that_would_skip_the_orm_is_refused(model: Any) -> None:
    with pytest.raises(TypeError, match="which a prepared update skips"):
        prepare_update(model, OnlyId)


@pytest.mark.parametrize("model", [Listened, Parent, Child])
def test_a_deletion_that_would_skip_the_orm_is_refused(model: Any) -> None:
    with pytest.raises(TypeError, match="which a prepared delete skips"):
        prepare_delete(model)
