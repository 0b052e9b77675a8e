"""What the laboratory asks of its tables."""

from ...core.db import Repository
from .models import (
    Animal,
    Author,
    Book,
    Chapter,
    Counter,
    Customer,
    Dog,
    Draft,
    Event,
    Horse,
    Keeper,
    Link,
    Order,
    Place,
    Publisher,
    Sample,
    Seat,
    Setting,
)


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


class AnimalRepository(Repository[Animal]):
    model = Animal


class DogRepository(Repository[Dog]):
    model = Dog


class DraftRepository(Repository[Draft]):
    model = Draft


class EventRepository(Repository[Event]):
    model = Event


class HorseRepository(Repository[Horse]):
    model = Horse


class KeeperRepository(Repository[Keeper]):
    model = Keeper


class LinkRepository(Repository[Link]):
    model = Link


class SeatRepository(Repository[Seat]):
    model = Seat


class CustomerRepository(Repository[Customer]):
    model = Customer


class OrderRepository(Repository[Order]):
    model = Order
