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
from .shapes import Animal, Dog, Draft, Event, Horse, Keeper, Link, Seat

__all__ = [
    "Seat",
    "Link",
    "Keeper",
    "Horse",
    "Event",
    "Draft",
    "Dog",
    "Animal",
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
