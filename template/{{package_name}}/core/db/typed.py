# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The base of this project's column types, which know the class of their values."""

from typing import Any, ClassVar, TypeVar

from sqlalchemy.types import TypeDecorator

Value = TypeVar("Value")


class Typed(TypeDecorator[Value]):
    """A column type that wraps one of the database's.

    Values from a client's cursor are checked against `values` before they are bound.
    """

    values: ClassVar[type[Any]]

    @property
    def python_type(self) -> type[Any]:
        return self.values
