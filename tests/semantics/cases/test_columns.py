"""Columns: a value comes back as it went in, or is refused, on every database."""

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.lab.models import Author, Book, Chapter, Colour, Footnote, Sample
from my_service.apps.lab.repository import SampleRepository
from my_service.core.db import InvalidValue, transaction

from .support import stored, stored_value, undone

EAST = timezone(timedelta(hours=5, minutes=30))
FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

KEPT: dict[str, list[Any]] = {
    "word": [
        "",
        " ",
        " a ",
        "a" * 10,
        "é" * 10,
        "😀" * 10,
        "a\nb\t\r\n",
        "\x01\x7f",
        "\u202e\ufffe",
    ],
    "line": ["x" * 255, "'\"`\\%_:;--/*{}", "\\u0041\\'", "%s %(name)s :name ?"],
    "story": ["", "x" * 65_536, "€" * 100_000],
    "flag": [True, False],
    "small": [0, 32_767, -32_768],
    "number": [0, 2**31 - 1, -(2**31)],
    "big": [0, 2**63 - 1, -(2**63)],
    "ratio": [0.1, -1 / 3, 1.7976931348623157e308, 2.2250738585072014e-308, 5e-324, 1e22],
    "amount": [Decimal("0.0001"), Decimal("99999999999999.9999"), Decimal("-99999999999999.9999")],
    "price": [
        Decimal("0.00"),
        Decimal("0.10"),
        Decimal("99999999.99"),
        Decimal(-7),
        Decimal("1E+3"),
    ],
    "data": [b"", b"\0", bytes(range(256)), b"'\"\\%", b"\xff" * 100_000],
    "ref": [
        UUID("ffffffff-ffff-4fff-bfff-ffffffffffff"),
        UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        UUID("01a1fc52-a299-7606-901e-fc30442b356a"),
    ],
    "colour": list(Colour),
    "at": [
        FIRST + MICROSECOND,
        LAST - MICROSECOND,
        datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC),
    ],
    "day": [date.min, date.max, date(2024, 2, 29)],
    "clock": [time.min, time.max, time(12), time(0, 0, 0, 1)],
    "span": [
        timedelta(0),
        MICROSECOND,
        -MICROSECOND,
        timedelta(hours=900),
        (2**63 - 1) * MICROSECOND,
        -(2**63) * MICROSECOND,
    ],
    "meta": [{}, {"b": [1, 2.5, None, True, {"é": "😀"}], "a": {"": []}}, {"$": "\\\"'%s"}],
    "document": [[], 0, "", "null", True, False, -1.5, [[{}]], 2**63 - 1, [1e15]],
}

REFUSED: dict[str, list[Any]] = {
    "word": ["x" * 11, "é" * 11, "\ud800", "\udc80"],
    "line": ["x" * 256],
    "flag": [2],
    "small": [32_768, -32_769],
    "number": [2**31, -(2**31) - 1, 2**63, 2**200],
    "big": [2**63, -(2**63) - 1, 2**200],
    "ratio": [float("nan"), float("inf"), float("-inf")],
    "amount": [
        Decimal("0.00001"),
        Decimal("1E+14"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
    ],
    "price": [Decimal("0.001"), Decimal(100_000_000), 10**30],
    "colour": ["purple", "RED"],
    "at": [
        datetime.fromisoformat("2024-01-01"),
        FIRST,
        LAST,
        FIRST.replace(tzinfo=EAST),
        LAST.replace(tzinfo=timezone(timedelta(hours=-1))),
    ],
    "clock": [time(12, tzinfo=UTC)],
    "meta": [{"a": float("nan")}, {"a": float("inf")}, {"a": "\ud800"}],
}


@pytest.mark.parametrize("name", KEPT)
async def test_a_value_comes_back_as_it_went_in(isolated: None, name: str) -> None:
    for value in KEPT[name]:
        async with undone() as session:
            row = await SampleRepository(session).add(Sample(**{name: value}))
            again = getattr(await stored(session, row), name)
            assert again == value
            assert isinstance(again, type(value))


@pytest.mark.parametrize("name", REFUSED)
async def test_a_value_that_would_be_changed_is_refused(isolated: None, name: str) -> None:
    for value in REFUSED[name]:
        with pytest.raises(InvalidValue):
            async with transaction() as session:
                await SampleRepository(session).add(Sample(**{name: value}))


async def test_every_column_may_be_empty(session: AsyncSession) -> None:
    row = await stored(session, await SampleRepository(session).add(Sample()))
    assert {name: getattr(row, name) for name in KEPT} == dict.fromkeys(KEPT)


async def test_none_in_a_json_column_is_sql_null(session: AsyncSession) -> None:
    row = await SampleRepository(session).add(Sample(meta=None, document=None))
    for column in (Sample.meta, Sample.document):
        assert await SampleRepository(session).exists(column.is_(None), id=row.id)


async def test_an_instant_is_stored_in_utc(session: AsyncSession) -> None:
    noon = datetime(2024, 7, 1, 12, 0, 0, 123_456, EAST)
    row = await SampleRepository(session).add(Sample(at=noon))
    again = (await stored(session, row)).at
    assert again == noon
    assert again is not None
    assert again.tzinfo is UTC or again.utcoffset() == timedelta(0)


async def test_an_instant_is_found_by_any_time_zone(session: AsyncSession) -> None:
    noon = datetime(2024, 7, 1, 12, tzinfo=EAST)
    await SampleRepository(session).add(Sample(at=noon))
    samples = SampleRepository(session)
    assert await samples.exists(at=noon.astimezone(UTC))
    assert not await samples.exists(Sample.at > noon.astimezone(UTC))


async def test_an_enum_is_stored_by_its_value(session: AsyncSession) -> None:
    await SampleRepository(session).add(Sample(colour=Colour.DEEP_BLUE))
    assert await session.scalar(text("SELECT colour FROM samples")) == "deep blue"


async def test_a_change_inside_json_is_written(session: AsyncSession) -> None:
    row = await SampleRepository(session).add(Sample(meta={"a": 1, "b": 2}))
    assert row.meta is not None
    row.meta["a"] = 10
    del row.meta["b"]
    row.meta.update(c=3)
    assert (await stored(session, row)).meta == {"a": 10, "c": 3}


async def test_json_is_asked_by_its_members(session: AsyncSession) -> None:
    samples = SampleRepository(session)
    await samples.add(Sample(line="1", meta={"size": 10, "name": "é", "deep": {"er": [5, 6]}}))
    await samples.add(Sample(line="2", meta={"size": 9, "name": "e"}))
    for condition in (
        Sample.meta["size"].as_integer() > 9,
        Sample.meta["name"].as_string() == "é",
        Sample.meta[("deep", "er", 1)].as_integer() == 6,
    ):
        assert [row.line for row in await samples.find(condition)] == ["1"]


async def test_json_keeps_its_text_readable(session: AsyncSession) -> None:
    """What is not ASCII is stored as itself, so that a search in the text finds it."""
    row = await SampleRepository(session).add(Sample(document={"name": "Zoë 😀"}))
    raw = await session.scalar(text("SELECT document FROM samples"))
    assert "Zoë 😀" in (raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False))
    assert await stored_value(session, row, "document") == {"name": "Zoë 😀"}


async def test_keys_that_the_database_counts_up_have_64_bits_where_they_are_referred_to(
    session: AsyncSession,
) -> None:
    book = Book(title="Long", author=Author(name="Ada"))
    chapter = Chapter(id=2**40, book=book, number=1, title="Far away")
    footnote = Footnote(chapter=chapter, text="so far")
    session.add(footnote)
    assert (await stored(session, footnote)).chapter_id == 2**40


async def test_a_duration_keeps_its_order(session: AsyncSession) -> None:
    spans = [
        timedelta(days=-1),
        -MICROSECOND,
        timedelta(0),
        timedelta(days=31),
        timedelta(days=400),
    ]
    samples = SampleRepository(session)
    await samples.add_many([{"span": span} for span in reversed(spans)])
    assert [row.span for row in await samples.find(order_by=[Sample.span])] == spans
    assert await samples.count(Sample.span > timedelta(0)) == 2
