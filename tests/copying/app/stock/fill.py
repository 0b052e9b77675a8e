"""Insert a number of rows, the same ones on each run."""

import asyncio
import random
import sys
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, insert, update

from ...core.db import dispose_engine, get_engine
from .models import Desk, Item, Note, Shelf, State, Tag, item_tags

WORDS = [
    "",
    "plain",
    'O\'Brien \\ "quoted" %s :name ?',
    "ünïcödé ß 漢字 العربية",
    "👩‍🚀🎉 a\n\tb",
    " x ",
]
AMOUNTS = [
    Decimal(n) for n in ("0", "-0.0001", "0.1", "99999999999999.9999", "-99999999999999.9999")
]
PRICES = [Decimal(n) for n in ("0.00", "0.1", "99999999.99", "-99999999.99", "12.30")]
MOMENTS = [
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2024, 2, 29, 12, 30, 15, 123_456, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_998, tzinfo=UTC),
    datetime(1000, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
]
CLOCKS = [time(0), time(23, 59, 59, 999_999), time(12, 0, 0, 1)]
SPANS = [timedelta(0), timedelta(microseconds=-1), timedelta(days=36_500, microseconds=7)]
DOCUMENTS: list[Any] = [
    {},
    {"b": [1, 2.5, None, True, "ü👍"], "a": {"nested": {"deep": [[]]}}},
    {"most": 2**64 - 1, "least": -(2**63), "large": 1e308, "one": 1.0, "tiny": 5e-324},
    {"number": -1.5e-7, "whole": 10**15, "": "empty key"},
]
ANY: list[Any] = [[], [1, [2, {"x": "y"}]], "text", "null", 7, 2.5, 1e30, True, False, JSON.NULL]
DESKS = 30
NUMBERS = {"small": 2**15 - 1, "number": 2**31 - 1, "big": 2**63 - 1}
RATIOS = [0.0, -0.0, 0.1, -1.5e300, 5e-324, 1.7976931348623157e308, 1 / 3]


def uuid(dice: random.Random) -> UUID:
    return UUID(int=dice.getrandbits(128), version=4)


def item(dice: random.Random, number: int, shelves: int) -> dict[str, Any]:
    values: dict[str, Any] = {
        "story": dice.choice(WORDS) * dice.choice([1, 400]),
        "sold": dice.random() < 0.5,
        **{name: dice.choice([0, 1, top, -top - 1]) for name, top in NUMBERS.items()},
        "ratio": dice.choice(RATIOS),
        "amount": dice.choice(AMOUNTS),
        "price": dice.choice(PRICES),
        "photo": dice.choice([b"", b"\x00\xff\x80'\\", dice.randbytes(300)]),
        "ref": uuid(dice),
        "state": dice.choice(list(State)),
        "at": dice.choice(MOMENTS),
        "day": dice.choice([date(1000, 1, 1), date(9999, 12, 31), date(2024, 2, 29)]),
        "clock": dice.choice(CLOCKS),
        "span": dice.choice(SPANS),
        "details": dice.choice(DOCUMENTS),
        "document": dice.choice(ANY),
        "secret": dice.choice(WORDS),
        "words": dice.choice([[], WORDS]),
        "factors": dice.choice([[], RATIOS, [1.0, 1e30]]),
        "moments": dice.choice([[], MOMENTS]),
        "gap": dice.choice([timedelta(0), timedelta(days=-1, seconds=1), timedelta(days=9000)]),
        "token": str(uuid(dice)),
        "code": dice.choice(["", "ab", "a  ", "abcd"]),
        "cost": dice.choice([Decimal("1.100"), Decimal("-0.001"), Decimal("999999999.999")]),
    }
    empty = {name: None for name in values if dice.random() < 0.15}
    return (
        values
        | empty
        | {
            "id": uuid(dice),
            "name": f"{dice.choice(WORDS)} {number}",
            "shelf_id": dice.randint(1, shelves),
            "version": dice.randint(1, 9),
            "created_at": MOMENTS[2],
            "updated_at": MOMENTS[2] + timedelta(microseconds=number),
            "deleted_at": MOMENTS[2] if dice.random() < 0.2 else None,
        }
    )


async def fill(count: int) -> None:
    dice = random.Random(7)
    shelves = max(2, count // 20)
    items = [item(dice, number, shelves) for number in range(count // 2)]
    keys = [row["id"] for row in items]
    rows = [{"id": n, "label": f"{dice.choice(WORDS)} {n}"} for n in range(1, shelves + 1)]
    tags = [{"id": n * 10, "word": f"{word}{n}"} for n, word in enumerate(WORDS)]
    tagged = [
        {"item_id": key, "tag_id": tag["id"]}
        for key in keys[::10]
        for tag in dice.sample(tags, k=2)
    ]
    async with get_engine().begin() as connection:
        await connection.execute(insert(Shelf), rows)
        for start in range(0, len(items), 500):
            await connection.execute(insert(Item), items[start : start + 500])
        notes = [
            {
                "id": uuid(dice),
                "item_id": dice.choice(keys),
                "other_id": dice.choice([None, *keys[:5]]),
                "text": dice.choice(WORDS),
            }
            for _ in range(count - len(items) - shelves - len(tags) - len(tagged) - DESKS)
        ]
        await connection.execute(insert(Note), notes)
        # Some databases replace 0 by the next key.
        written = [{**tag, "id": tag["id"] or 1} for tag in tags]
        await connection.execute(insert(Tag), written)
        zero = update(Tag).where(Tag.id == 1).values(id=0)
        await connection.execute(zero)
        await connection.execute(insert(item_tags), tagged)
        for n in range(1, shelves):  # the parent is inserted after its child
            links = {"inside_id": n + 1, "best_id": keys[n % len(keys)] if n % 3 else None}
            changed = update(Shelf).where(Shelf.id == n)
            await connection.execute(changed.values(links))
        desks = [{"tenant_id": n % 3, "number": n} for n in range(DESKS)]
        await connection.execute(insert(Desk), desks)
        await connection.execute(update(Desk).where(Desk.number > 2).values(above=Desk.number - 3))
    await dispose_engine()


asyncio.run(fill(int(sys.argv[1])))
