"""A small library to ask questions of."""

from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.lab.models import Author, Book, Chapter, Counter, Place, Publisher, Tag

# title, author, publisher, price, numbers of chapters, tags
BOOKS: list[tuple[str, str, str | None, str | None, int, list[str]]] = [
    ("Alpha", "Ada", "North", "10.00", 3, ["long", "new"]),
    ("Beta", "Ada", "North", "20.50", 1, ["new"]),
    ("Gamma", "Ada", None, None, 0, []),
    ("Delta", "Bob", "South", "10.00", 2, ["long"]),
    ("Epsilon", "Bob", None, "5.25", 0, []),
    ("Zeta", "Cyd", "South", None, 1, ["new"]),
]
TREE = {"earth": None, "europe": "earth", "france": "europe", "paris": "france", "asia": "earth"}


async def fill(session: AsyncSession) -> None:
    """Put three authors and one without books, two publishers, six books and a tree of places."""
    authors = {name: Author(name=name) for name in ("Ada", "Bob", "Cyd", "Dee")}
    publishers = {name: Publisher(name=name) for name in ("North", "South", "West")}
    tags = {name: Tag(name=name) for name in ("long", "new", "unused")}
    places: dict[str, Place] = {}
    for name, parent in TREE.items():
        places[name] = Place(name=name, parent=places[parent] if parent else None)
    for title, author, publisher, price, chapters, its_tags in BOOKS:
        book = Book(
            title=title,
            author=authors[author],
            publisher=publishers[publisher] if publisher else None,
            price=None if price is None else Decimal(price),
            isbn=f"isbn-{title}"[:13],
            chapters=[Chapter(number=n + 1, title=f"{title} {n + 1}") for n in range(chapters)],
            tags=[tags[name] for name in its_tags],
        )
        session.add(book)
    session.add_all([*authors.values(), *publishers.values(), *tags.values(), *places.values()])
    session.add_all([Counter(name=name, value=value) for name, value in (("a", 1), ("b", 2))])
    await session.flush()
    session.expunge_all()
