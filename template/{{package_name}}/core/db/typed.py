# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Column types that say of which class their values are."""

from typing import Any, ClassVar, TypeVar

from sqlalchemy.types import TypeDecorator

Value = TypeVar("Value")


class Typed(TypeDecorator[Value]):
    """A type of this project's own, built on one of the database's.

    A value that a client wrote, in a cursor, is checked against the class before it is bound.
    """

    values: ClassVar[type[Any]]

    @property
    def python_type(self) -> type[Any]:
        return self.values
