# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Parts of a long list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from .errors import InvalidValue

Item = TypeVar("Item")
MOST_ROWS = 2**63 - 1  # of a LIMIT or OFFSET


@dataclass(frozen=True)
class Page(Generic[Item]):
    """A page of a list, by its number.

    Attributes:
        items: the rows of this page.
        total: the number of rows of the whole list.
        page: this page's number, from 1.
        per_page: the most rows of a page.
    """

    items: Sequence[Item]
    total: int
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        """The number of pages."""
        return -(-self.total // self.per_page)


def rows_before(page: int, per_page: int) -> int:
    """Return the number of rows before a page, or raise InvalidValue as `check_size` does."""
    check_size(page)
    check_size(per_page)
    before = (page - 1) * per_page
    if before > MOST_ROWS:
        raise InvalidValue("The page number is too large: no database has that many rows.")
    return before


def check_size(number: int) -> None:
    """Raise InvalidValue for a number below 1, or too large for any database."""
    if not 1 <= number < MOST_ROWS:
        raise InvalidValue("A page number or size is below 1, or has more than 64 bits.")


@dataclass(frozen=True)
class Scroll(Generic[Item]):
    """A part of a list, from a cursor.

    Attributes:
        items: the rows of this part.
        next_cursor: where the next part begins; None at the end.
    """

    items: Sequence[Item]
    next_cursor: str | None
