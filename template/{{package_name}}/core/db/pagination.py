# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Parts of a long list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from .errors import InvalidValue

Item = TypeVar("Item")
MOST_ROWS = 2**63 - 1  # that a database counts


@dataclass(frozen=True)
class Page(Generic[Item]):
    """A part by its number, for lists that people leaf through.

    Attributes:
        items: the rows of this page.
        total: how many rows the whole list has.
        page: this page's number, from 1.
        per_page: the most rows a page has.
    """

    items: Sequence[Item]
    total: int
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.total // self.per_page)


def rows_before(page: int, per_page: int) -> int:
    """How many rows stand before a page, by its number from 1.

    Raises:
        InvalidValue: no database counts so far.
    """
    before = (page - 1) * per_page
    if before > MOST_ROWS:
        raise InvalidValue
    return before


@dataclass(frozen=True)
class Scroll(Generic[Item]):
    """A part by where it begins, for lists without an end.

    Attributes:
        items: the rows of this part.
        next_cursor: where the next part begins; None at the end.
    """

    items: Sequence[Item]
    next_cursor: str | None
