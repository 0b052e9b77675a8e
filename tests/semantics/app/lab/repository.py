"""What the laboratory asks of its tables."""

from ...core.db import Repository
from .models import Author, Book, Chapter, Counter, Place, Publisher, Sample, Setting


class AuthorRepository(Repository[Author]):
    model = Author


class PublisherRepository(Repository[Publisher]):
    model = Publisher


class BookRepository(Repository[Book]):
    model = Book


class ChapterRepository(Repository[Chapter]):
    model = Chapter


class CounterRepository(Repository[Counter]):
    model = Counter


class PlaceRepository(Repository[Place]):
    model = Place


class SampleRepository(Repository[Sample]):
    model = Sample


class SettingRepository(Repository[Setting]):
    model = Setting
