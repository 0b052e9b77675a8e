"""Prepared statements: the same rows as a session's, and the rows that Python would choose."""

from collections.abc import Callable
from dataclasses import make_dataclass
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    String,
    and_,
    bindparam,
    case,
    cast,
    delete,
    distinct,
    func,
    literal,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.orm import aliased

from my_service.apps.lab.models import Author, Book, Chapter, Colour, Counter, Place, Sample, Tag
from my_service.core.db import InvalidValue, NotFound, prepare, transaction, utc_now
from my_service.core.db.compiled import AnySelect

from .library import BOOKS, fill
from .strategies import FEW, VALUES, samples
from .support import PLACES

pytestmark = pytest.mark.commits

CounterRead: type[Any] = make_dataclass("CounterRead", [("name", str)])
SampleRead: type[Any] = make_dataclass("SampleRead", [("ratio", float)])
AnyRow: type[Any] = make_dataclass("AnyRow", [(f"c{n}", Any, None) for n in range(20)])


async def fetched(statement: AnySelect, arguments: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a prepared statement, after proof that a session gives the same."""
    places = [column.label(f"c{n}") for n, column in enumerate(statement.selected_columns)]
    statement = statement.with_only_columns(*places, maintain_column_froms=True)
    prepared = prepare(statement, AnyRow)
    rows = await prepared.fetch(arguments)
    again = await prepared.fetch(arguments)
    async with transaction(read_only=True) as session:
        through_session = (await session.execute(statement, arguments)).all()
        joined = await prepared.fetch(arguments)
    found = [tuple(row) for row in rows]
    assert found == [tuple(row) for row in again]
    assert found == [tuple(row) for row in joined]
    assert found == [tuple(row) for row in through_session]
    for one, other in zip(found, through_session, strict=True):
        assert [type(value) for value in one] == [type(value) for value in other]
    return found


class Condition(NamedTuple):
    """A condition in SQL, its arguments, and what it is in Python: true, false or unknown."""

    sql: ColumnElement[bool]
    arguments: dict[str, Any]
    holds: Callable[[dict[str, Any]], bool | None]


def compared(name: str, operator: str, argument: str, values: list[Any]) -> Condition:
    """A column compared with one value or several."""
    column, first = getattr(Sample, name), values[0]
    bound = bindparam(argument, type_=column.type)
    sql: ColumnElement[bool]
    match operator:
        case "is_null":

            def is_null(row: dict[str, Any]) -> bool:
                return row[name] is None

            return Condition(column.is_(None), {}, is_null)
        case "in":
            several = bindparam(argument, expanding=True, type_=column.type)
            return Condition(
                column.in_(several),
                {argument: values[1:]},
                known(name, lambda v: v in values[1:], of_none=None if values[1:] else False),
            )
        case "not_in":
            several = bindparam(argument, expanding=True, type_=column.type)
            return Condition(
                column.not_in(several),
                {argument: values[1:]},
                known(name, lambda v: v not in values[1:], of_none=None if values[1:] else True),
            )
        case "between":
            low, high = min(values), max(values)
            sql = column.between(bound, bindparam(f"{argument}_high", type_=column.type))
            arguments = {argument: low, f"{argument}_high": high}
            return Condition(sql, arguments, known(name, lambda v: low <= v <= high))
        case _:
            compare = OPERATORS[operator]
            return Condition(
                compare(column, bound), {argument: first}, known(name, lambda v: compare(v, first))
            )


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": lambda one, other: one == other,
    "ne": lambda one, other: one != other,
    "lt": lambda one, other: one < other,
    "le": lambda one, other: one <= other,
    "gt": lambda one, other: one > other,
    "ge": lambda one, other: one >= other,
}


def known(
    name: str, holds: Callable[[Any], bool], *, of_none: bool | None = None
) -> Callable[[dict[str, Any]], bool | None]:
    """A test of a value; of NULL it is unknown, but that an empty list does not hold it is known."""

    def of_row(row: dict[str, Any]) -> bool | None:
        return of_none if row[name] is None else holds(row[name])

    return of_row


def negated(condition: Condition) -> Condition:
    def holds(row: dict[str, Any]) -> bool | None:
        result = condition.holds(row)
        return None if result is None else not result

    return Condition(not_(condition.sql), condition.arguments, holds)


def joined(conditions: list[Condition], *, either: bool) -> Condition:
    def holds(row: dict[str, Any]) -> bool | None:
        results = [condition.holds(row) for condition in conditions]
        if either in results:
            return either
        return None if None in results else not either

    join = or_ if either else and_
    arguments = {key: value for part in conditions for key, value in part.arguments.items()}
    return Condition(join(*(part.sql for part in conditions)), arguments, holds)


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    """One to four comparisons, some of them negated, joined by AND or OR."""
    parts: list[Condition] = []
    for number in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(sorted(FEW)))
        operator = draw(st.sampled_from([*OPERATORS, "in", "not_in", "between", "is_null"]))
        values = draw(st.lists(st.sampled_from(FEW[name]), min_size=1, max_size=5))
        part = compared(name, operator, f"v{number}", values)
        parts.append(negated(part) if draw(st.booleans()) else part)
    return joined(parts, either=draw(st.booleans()))


@given(rows=samples(), condition=conditions(), limit=st.integers(0, 9), offset=st.integers(0, 3))
async def test_a_condition_chooses_the_rows_that_python_would(
    isolated: None, rows: list[dict[str, Any]], condition: Condition, limit: int, offset: int
) -> None:
    async with transaction() as session:
        await session.execute(delete(Sample))
        written = [Sample(**row) for row in rows]
        session.add_all(written)
    statement = (
        select(Sample.id)
        .where(condition.sql)
        .order_by(Sample.id)
        .limit(bindparam("most", type_=BigInteger))
        .offset(bindparam("skipped", type_=BigInteger))
    )
    arguments = {**condition.arguments, "most": limit, "skipped": offset}
    chosen = [
        row.id for row, values in zip(written, rows, strict=True) if condition.holds(values) is True
    ]
    assert await fetched(statement, arguments) == [
        (key,) for key in sorted(chosen)[offset : offset + limit]
    ]


@given(values=st.fixed_dictionaries({name: st.none() | VALUES[name] for name in VALUES}))
async def test_every_type_is_the_same_as_from_a_session(
    isolated: None, values: dict[str, Any]
) -> None:
    async with transaction() as session:
        row = Sample(**values)
        session.add(row)
    (found,) = await fetched(
        select(*(getattr(Sample, name) for name in VALUES)).where(Sample.id == bindparam("id")),
        {"id": row.id},
    )
    assert dict(zip(VALUES, found, strict=True)) == values


@given(
    text=st.text(st.sampled_from("aA%_/\\é'"), max_size=4),
    words=st.lists(st.text(st.sampled_from("aA%_/\\é'"), max_size=6), max_size=8),
)
async def test_a_search_finds_the_texts_that_hold_it(
    isolated: None, text: str, words: list[str]
) -> None:
    async with transaction() as session:
        await session.execute(delete(Sample))
        session.add_all([Sample(word=word) for word in words])
    searches: list[tuple[ColumnElement[bool], Callable[[str], bool]]] = [
        (Sample.word.contains(text, autoescape=True), lambda word: text in word),
        (Sample.word.startswith(text, autoescape=True), lambda word: word.startswith(text)),
        (Sample.word.endswith(text, autoescape=True), lambda word: word.endswith(text)),
        (Sample.word.icontains(text, autoescape=True), lambda word: text.lower() in word.lower()),
    ]
    for condition, holds in searches:
        found = await fetched(select(Sample.word).where(condition).order_by(Sample.word), {})
        assert found == [(word,) for word in sorted(words) if holds(word)]


@pytest.mark.parametrize("length", [0, 1, 2, 100, 1000])
async def test_a_list_may_have_any_length(isolated: None, length: int) -> None:
    async with transaction() as session:
        session.add_all([Counter(name=f"{n:04}", value=n) for n in range(5)])
    statement = (
        select(Counter.value)
        .where(Counter.name.in_(bindparam("names", expanding=True)))
        .order_by(Counter.value)
    )
    names = [f"{n:04}" for n in range(length)]
    assert await fetched(statement, {"names": names}) == [(n,) for n in range(min(length, 5))]


def statements() -> dict[str, tuple[AnySelect, dict[str, Any]]]:
    """Joins, aggregates, casts and the like."""
    other = aliased(Author)
    ranked = func.row_number().over(partition_by=Book.author_id, order_by=Book.title.desc())
    tree = select(Place.id, literal(0).label("d")).where(Place.parent_id.is_(None))
    base = tree.cte("tree", recursive=True)
    below = aliased(Place)
    nodes = base.union_all(select(below.id, base.c.d + 1).join(base, below.parent_id == base.c.id))
    return {
        "entity": (select(Counter).order_by(Counter.name), {}),
        "join": (
            select(Book.title, Author.name, Book.price)
            .join(Book.author)
            .where(Author.name == bindparam("name"))
            .order_by(Book.title),
            {"name": "Ada"},
        ),
        "outer join": (
            select(Author.name, Book.title)
            .outerjoin(Author.books)
            .order_by(Author.name, Book.title),
            {},
        ),
        "many to many": (
            select(Book.title, Tag.name).join(Book.tags).order_by(Book.title, Tag.name),
            {},
        ),
        "self join": (
            select(Author.name, other.name)
            .join(other, other.name > Author.name)
            .order_by(Author.name, other.name),
            {},
        ),
        "aggregates": (
            select(
                func.count(),
                func.count(distinct(Book.price)),
                func.sum(Book.price),
                func.min(Book.price),
                func.max(Book.created_at),
                cast(func.sum(Chapter.number), BigInteger),
                cast(func.avg(Chapter.number), Double),
            ).outerjoin(Book.chapters),
            {},
        ),
        "group": (
            select(Author.name, func.count(Book.id).label("books"))
            .join(Author.books)
            .group_by(Author.name)
            .having(func.count(Book.id) >= bindparam("least", type_=BigInteger))
            .order_by(Author.name),
            {"least": 2},
        ),
        "cast and case": (
            select(
                cast(Counter.value, String(10)),
                case((Counter.value > bindparam("than", type_=BigInteger), "high"), else_="low"),
                Counter.value * 2 + 1,
                Counter.name + "!",
                func.coalesce(Counter.note, "none"),
                literal(1.5),
            ).order_by(Counter.name),
            {"than": 1},
        ),
        "window": (select(Book.title, ranked).order_by(Book.title), {}),
        "subquery": (
            select(Author.name).where(
                Author.id.in_(select(Book.author_id).where(Book.price > bindparam("price")))
            ),
            {"price": 15},
        ),
        "exists": (
            select(Author.name)
            .where(~Author.books.any(Book.price.is_(None)))
            .order_by(Author.name),
            {},
        ),
        "recursive": (select(nodes.c.d, func.count()).group_by(nodes.c.d).order_by(nodes.c.d), {}),
        "distinct": (select(Book.author_id).distinct().order_by(Book.author_id), {}),
        "soft delete": (select(Book.title, Book.deleted_at).order_by(Book.title), {}),
        "nothing": (select(Book.title).where(Book.title == "none"), {}),
    }


@pytest.mark.parametrize("name", statements())
async def test_a_statement_has_the_rows_of_a_session(isolated: None, name: str) -> None:
    statement, arguments = statements()[name]
    async with transaction() as session:
        await fill(session)
        await session.execute(update(Book).where(Book.title == "Zeta").values(price=0))
    rows = await fetched(statement, arguments)
    assert bool(rows) is (name != "nothing")


@pytest.mark.parametrize("place", PLACES)
async def test_the_values_of_one_column_need_no_schema(
    isolated: None, place: Callable[..., Any]
) -> None:
    async with transaction() as session:
        await fill(session)
        await session.execute(update(Book).where(Book.title == "Zeta").values(deleted_at=utc_now()))
        session.add(Sample(colour=Colour.RED, ref=UUID(int=7)))
    ordered = select(Book.title).order_by(Book.title)
    titles = prepare(ordered.where(Book.title != bindparam("but")), str)
    total = prepare(select(func.count()).select_from(Book), int)
    shouted = prepare(select(func.upper(Book.title).label("title")).order_by("title"), str)
    ref = prepare(select(Sample.ref), UUID)
    colour = prepare(select(Sample.colour), Colour)
    every = prepare(ordered, str, include_deleted=True)

    async def work() -> list[Any]:
        with pytest.raises(NotFound):
            await prepare(ordered.where(Book.title == "none"), str).one()
        none = await prepare(ordered.where(Book.title == "none"), str).first()
        values = [await titles.all(but="Alpha"), await total.one(), await shouted.first()]
        return [*values, await ref.one(), await colour.one(), (await every.all())[-1], none]

    kept = sorted(title for title, *_ in BOOKS if title not in ("Alpha", "Zeta"))
    values = [len(BOOKS) - 1, "ALPHA", UUID(int=7), Colour.RED, "Zeta", None]
    assert await place(work) == [kept, *values]


async def test_a_value_that_its_column_cannot_hold_is_refused(isolated: None) -> None:
    prepared = prepare(select(Sample).where(Sample.ratio == bindparam("ratio")), SampleRead)
    with pytest.raises(InvalidValue):
        await prepared.all(ratio=float("nan"))


@pytest.mark.parametrize("arguments", [{}, {"nme": "a"}, {"name": "a", "value": 1}])
async def test_an_argument_that_is_missing_or_unknown_is_a_mistake(
    isolated: None, arguments: dict[str, Any]
) -> None:
    prepared = prepare(select(Counter).where(Counter.name == bindparam("name")), CounterRead)
    with pytest.raises(TypeError, match="argument"):
        await prepared.all(**arguments)
