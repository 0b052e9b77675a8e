"""The tables of the laboratory."""

from .columns import Colour, Counter, Sample, Setting
from .relations import (
    Author,
    Book,
    Chapter,
    Credit,
    Footnote,
    Jacket,
    Place,
    Publisher,
    Tag,
    Trip,
    book_tags,
)

__all__ = [
    "Author",
    "Book",
    "Chapter",
    "Colour",
    "Counter",
    "Credit",
    "Footnote",
    "Jacket",
    "Place",
    "Publisher",
    "Sample",
    "Setting",
    "Tag",
    "Trip",
    "book_tags",
]
