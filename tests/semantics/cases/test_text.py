"""Text is compared by its code points, and searched as it stands."""

from itertools import combinations

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.lab.models import Author, Book, Tag
from my_service.apps.lab.repository import AuthorRepository, BookRepository
from my_service.core.db import Duplicate, escape_like, transaction

from .support import names

# Alike for one collation or another, in the order of their code points.
ALIKE = sorted(
    [
        *("", " ", "  ", "A", "a", "a ", "a\t", "aa", "b", "B", "Z", "z", "á", "a\u0301", "Á", "ä"),
        *("å", "æ", "ae", "ss", "ß", "ẞ", "ı", "i", "I", "İ", "ﬁ", "fi", "١", "1", "𝒂"),
        *("\U0001f600", "\uffee"),
    ]
)
SPECIAL = [
    "100%",
    "under_score",
    "back\\slash",
    "slash/",
    "%",
    "_",
    "\\",
    "/",
    "it's",
    "[a]",
    "a?*",
]


async def test_texts_that_look_alike_are_all_different(session: AsyncSession) -> None:
    session.add_all([Tag(name=name) for name in ALIKE])
    await session.flush()
    for name in ALIKE:
        found = await session.scalars(select(Tag.name).where(Tag.name == name))
        assert found.all() == [name]


async def test_a_text_is_the_same_as_itself_alone(isolated: None) -> None:
    for name in ALIKE[:3]:
        with pytest.raises(Duplicate):
            async with transaction() as session:
                session.add_all([Tag(name=name), Tag(name=name)])


async def test_texts_are_sorted_by_their_code_points(session: AsyncSession) -> None:
    session.add_all([Tag(name=name) for name in reversed(ALIKE)])
    await session.flush()
    found = await session.scalars(select(Tag.name).order_by(Tag.name))
    assert found.all() == ALIKE
    found = await session.scalars(select(Tag.name).where(Tag.name > "a").order_by(Tag.name.desc()))
    assert found.all() == [name for name in reversed(ALIKE) if name > "a"]
    assert await session.scalar(select(func.max(Tag.name))) == ALIKE[-1]


async def test_texts_are_grouped_and_counted_by_their_code_points(session: AsyncSession) -> None:
    await AuthorRepository(session).add_many([{"name": name} for name in ALIKE])
    assert await session.scalar(select(func.count(Author.name.distinct()))) == len(ALIKE)
    grouped = await session.execute(select(Author.name).group_by(Author.name))
    assert len(grouped.all()) == len(ALIKE)


@pytest.mark.parametrize("sought", ["A", "a", "á", "ä", "ß", " ", "a ", "😀"])
async def test_like_tells_letters_apart(session: AsyncSession, sought: str) -> None:
    texts = ["Alpha", "alpha ", "álpha", "Äpfel", "Straße", "STRASSE", "x😀y", "äpfel"]
    authors = AuthorRepository(session)
    await authors.add_many([{"name": text} for text in texts])
    found = await authors.find(Author.name.contains(sought, autoescape=True))
    assert sorted(names(found)) == sorted(text for text in texts if sought in text)


@pytest.mark.parametrize(
    ("sought", "expected"),
    [("ALPHA", "Alpha alpha"), ("äPF", "Äpfel äpfel"), ("ДА", "Да нет да"), ("ΣΑ", "σας ΣΑΣ")],
)
async def test_ilike_takes_letters_of_any_alphabet_for_their_capitals(
    session: AsyncSession, sought: str, expected: str
) -> None:
    texts = ["Alpha", "alpha", "álpha", "Äpfel", "äpfel", "Да", "нет да", "σας", "ΣΑΣ"]
    authors = AuthorRepository(session)
    await authors.add_many([{"name": text} for text in texts])
    wanted = {text for text in texts if sought.lower() in text.lower()}
    assert wanted >= set(expected.split()[:1])
    for condition in (
        Author.name.icontains(sought, autoescape=True),
        Author.name.ilike(f"%{escape_like(sought)}%", escape="/"),
        func.lower(Author.name).contains(sought.lower()),
    ):
        assert set(names(await authors.find(condition))) == wanted


async def test_a_text_with_wildcards_is_found_as_itself(session: AsyncSession) -> None:
    authors = AuthorRepository(session)
    await authors.add_many([{"name": f"<{text}>"} for text in SPECIAL])
    for text in SPECIAL:
        wanted = sorted(f"<{other}>" for other in SPECIAL if text in other)
        for condition in (
            Author.name.contains(text, autoescape=True),
            Author.name.icontains(text, autoescape=True),
            Author.name.like(f"%{escape_like(text)}%", escape="/"),
        ):
            assert sorted(names(await authors.find(condition))) == wanted
        assert names(
            await authors.find(
                Author.name.startswith(f"<{text}", autoescape=True),
                Author.name.endswith(f"{text}>", autoescape=True),
                name=f"<{text}>",
            )
        ) == [f"<{text}>"]


async def test_functions_of_text_count_characters(session: AsyncSession) -> None:
    await AuthorRepository(session).add(Author(name="Zoë 😀"))
    row = await session.execute(
        select(
            func.char_length(Author.name),
            func.upper(Author.name),
            func.lower(Author.name),
            func.substr(Author.name, 3, 1),
            Author.name + "!",
            func.trim(Author.name + "  "),
            func.replace(Author.name, "ë", "e"),
        )
    )
    assert tuple(row.one()) == (5, "ZOË 😀", "zoë 😀", "ë", "Zoë 😀!", "Zoë 😀", "Zoe 😀")


async def test_pairs_of_one_text_are_joined(session: AsyncSession) -> None:
    """Text that is compared with text of another table is compared the same way."""
    author = Author(name="Ada")
    for title in ("Ada", "ada", "Ada "):
        session.add(Book(title=title, author=author))
    await session.flush()
    statement = select(Book.title).join(Author, Author.name == Book.title)
    assert (await session.scalars(statement)).all() == ["Ada"]
    assert await BookRepository(session).count(Book.title.in_(["ADA", "Ada", "áda"])) == 1


def test_the_texts_are_different() -> None:
    assert all(one != other for one, other in combinations(ALIKE, 2))
