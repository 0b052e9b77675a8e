"""The tables of the laboratory."""

from .columns import Colour, Counter, Sample, Setting
from .orders import BookCount, Customer, Order
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
from .shapes import Animal, Argument, Dog, Draft, Event, Horse, Keeper, Link, Seat

__all__ = [
    "Animal",
    "Argument",
    "Author",
    "Book",
    "BookCount",
    "Chapter",
    "Colour",
    "Counter",
    "Credit",
    "Customer",
    "Dog",
    "Draft",
    "Event",
    "Footnote",
    "Horse",
    "Jacket",
    "Keeper",
    "Link",
    "Order",
    "Place",
    "Publisher",
    "Sample",
    "Seat",
    "Setting",
    "Tag",
    "Trip",
    "book_tags",
]
