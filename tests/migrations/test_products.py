"""Every column type to every other: each value is kept, or makemigrations asks or names the column."""

import json
import pickle
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from ..support.deep import DEEP
from ..support.servers import Server
from .lab import Lab

pytestmark = pytest.mark.full


class Kind(NamedTuple):
    """A column type.

    Attributes:
        annotation: the annotation of the model's attribute.
        column: the arguments of `mapped_column`.
        values: values at the edges of the type.
    """

    annotation: str
    column: str
    values: tuple[Any, ...]


KINDS = {
    "small": Kind("int", "SmallInteger", (0, -32768, 32767)),
    "whole": Kind("int", "", (0, -(2**31), 2**31 - 1)),
    "big": Kind("int", "BigInteger", (0, -(2**63), 2**63 - 1)),
    "fraction": Kind("float", "", (0.0, -12.5, 0.1)),
    "money": Kind(
        "Decimal",
        "ExactDecimal(12, 2)",
        (Decimal("0.00"), Decimal("-9999999999.99"), Decimal("9999999999.99")),
    ),
    "rate": Kind("Decimal", "ExactDecimal(18, 4)", (Decimal("-0.0001"), Decimal("99999999999999.9999"))),
    "flag": Kind("bool", "", (True, False)),
    "word": Kind("str", "String(40)", ("", "it's 5:30, 100% é 😀 \\ \"q\"", " 12.50 ", "draft")),
    "prose": Kind("str", "Text", ("", "é😀" * 40_000, '{"a": 1}')),
    "day": Kind("date", "", (date(1000, 1, 1), date(2024, 2, 29), date(9999, 12, 30))),
    "clock": Kind("time", "", (time(0), time(23, 59, 59, 999_999))),
    "moment": Kind(
        "datetime",
        "",
        (
            datetime(1000, 1, 1, tzinfo=UTC),
            datetime(2024, 2, 29, 12, 0, 0, 1, tzinfo=UTC),
            datetime(9999, 12, 30, 23, 59, 59, 999_999, tzinfo=UTC),
        ),
    ),
    "span": Kind("timedelta", "", (timedelta(0), timedelta(microseconds=-1), timedelta(40_000, 5, 6))),
    "key": Kind("UUID", "", (UUID(int=0), UUID(int=2**128 - 1))),
    "blob": Kind("bytes", "", (b"", b"\x00\xff'%", b"12")),
    "document": Kind("dict[str, Any]", "", ({}, {"a": [1, None, "é"], "b": {"c": 1.5}})),
    "words": Kind("list[str]", "", ([], ["a", "é, 'q'"])),
    "numbers": Kind("list[int]", "", ([], [1, -2])),
    "state": Kind("State", "", ("draft", "live")),
}  # fmt: skip
INTEGERS = {"small": 2**15, "whole": 2**31, "big": 2**63}
# Types that are the same in the database: a comparison cannot tell them apart, and changes nothing.
JSON = {"document", "words", "numbers"}
SHARED = {
    "sqlite": [{"big", "money", "rate", "span"}, JSON],
    "postgresql": [JSON],
    "mariadb": [{"big", "span"}, JSON | {"prose"}],
    "mysql": [{"big", "span"}, JSON | {"prose"}],
}

MODELS = """from datetime import time, timedelta

from sqlalchemy import SmallInteger


class State(StrEnum):
    DRAFT = "draft"
    LIVE = "live"


"""
WRITE = """
import asyncio, pickle, sys
from my_service.apps.lab import models
from my_service.core.db import transaction

async def main():
    async with transaction() as session:
        for name, rows in pickle.load(open(sys.argv[1], "rb")).items():
            session.add_all(getattr(models, name)(**row) for row in rows)

asyncio.run(main())
"""
READ = """
import asyncio, pickle, sys
from uuid import UUID
from sqlalchemy import select
from my_service.core.db import Base, transaction
from my_service.apps.lab import models

def plain(value):
    if isinstance(value, UUID):
        return UUID(int=value.int)
    return {dict: dict, list: list, models.State: str}.get(type(value).__base__, lambda same: same)(
        getattr(value, "value", value)
    )

async def main():
    found = {}
    async with transaction() as session:
        for table in Base.metadata.tables.values():
            rows = await session.execute(select(*table.columns).order_by(table.c.id))
            found[table.name] = [
                {key: plain(value) for key, value in row._mapping.items()} for row in rows
            ]
    pickle.dump(found, open(sys.argv[1], "wb"))

asyncio.run(main())
"""

# What a text stands for, by the class of the values that were turned into it.
PARSERS: dict[str, Callable[[str], Any]] = {
    "bool": {"true": True, "1": True, "false": False, "0": False}.__getitem__,
    "date": date.fromisoformat,
    "datetime": lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC),
    "Decimal": Decimal,
    "dict": json.loads,
    "float": float,
    "int": int,
    "list": json.loads,
    "time": time.fromisoformat,
    "UUID": UUID,
}

Table = list[dict[str, Any]]


def sources(database: Server) -> list[str]:
    """Return the types to change: a quarter of them on each database, or all of them."""
    first = ("sqlite", "postgresql", "mariadb", "mysql").index(database.name)
    return list(KINDS) if DEEP else list(KINDS)[first::4]


def models(tables: Mapping[str, Mapping[str, str]]) -> str:
    """Return a table for each source, with a column for each target, of the type that is given."""
    classes = [
        f'class {source.title()}(Row):\n    __tablename__ = "{source}"\n\n'
        + "".join(f"    {target}: {column(KINDS[kind])}\n" for target, kind in columns.items())
        for source, columns in tables.items()
    ]
    return MODELS + "\n\n".join(classes)


def column(kind: Kind) -> str:
    options = f" = mapped_column({kind.column})" if kind.column else ""
    return f"Mapped[{kind.annotation} | None]{options}"


def rows(source: str) -> Iterator[dict[str, Any]]:
    """Yield a row for each value of a type, and one of NULLs; values that do not fit are left out."""
    for number, value in enumerate(KINDS[source].values, 1):
        fitting = {target: value if fits(value, target) else None for target in KINDS}
        yield {"id": number, **fitting}
    yield {"id": 0, **dict.fromkeys(KINDS)}


def fits(value: Any, target: str) -> bool:
    """Whether a value is within the limits of a type: the database refuses others."""
    if target in INTEGERS and isinstance(value, int):
        return -INTEGERS[target] <= value < INTEGERS[target]
    if target == "word" and isinstance(value, str):
        return len(value) <= 40
    if target == "state":
        return isinstance(value, str) and value in KINDS["state"].values
    if target == "money" and isinstance(value, int | Decimal):
        number = Decimal(value)
        return abs(number) < 10**10 and number == round(number, 2)
    return target != "rate" or not isinstance(value, int) or abs(value) < 10**14


def kept(before: Any, after: Any) -> bool:
    """Whether a value is the same in another type."""
    if before is None or after is None or type(before) is type(after):
        return bool(before == after)
    if isinstance(after, str):
        return bool(before == PARSERS[type(before).__name__](after))
    if isinstance(after, datetime) and type(before) is date:
        return after == datetime(before.year, before.month, before.day, tzinfo=UTC)
    return bool(before == after)


def test_each_value_is_kept_or_asked_about(project: Lab, database: Server, tmp_path: Path) -> None:
    chosen = sources(database)
    before = {source: dict.fromkeys(KINDS, source) for source in chosen}
    after = {source: {kind: kind for kind in KINDS} for source in chosen}
    project.begin(models(before))
    project.run(project.python, "-c", WRITE, written(tmp_path, chosen))
    original = values(project, tmp_path)

    project.models(models(after))
    refused = project.manage("makemigrations", "--dry-run", expect=3).stderr
    asked = {
        (source, target)
        for source in chosen
        for target in KINDS
        if f"--default {source}.{target}=" in refused
    }
    unseen = {
        (source, target)
        for shared in SHARED[database.name]
        for source in shared.intersection(chosen)
        for target in shared - {source}
    } - asked
    left = {
        source: {
            target: source if (source, target) in asked | unseen else target for target in columns
        }
        for source, columns in after.items()
    }
    project.models(models(left))
    project.manage("makemigrations")
    project.manage("migrate")
    changed = values(project, tmp_path)
    lost = {
        (source, target): (row[target], new[target])
        for source in chosen
        for row, new in zip(original[source], changed[source], strict=True)
        for target in KINDS
        if not kept(row[target], new[target])
    }
    assert lost == {}
    project.manage("makemigrations", "--check")
    project.manage("migrate", "-1")
    project.models(models(before))
    assert values(project, tmp_path) == original
    pairs = len(chosen) * (len(KINDS) - 1)
    print(
        f"{database.name}: {pairs} pairs, {len(asked)} asked, {len(unseen)} the same in the database"
    )


def written(folder: Path, chosen: list[str]) -> Path:
    """Write the rows to a file."""
    found = {source.title(): list(rows(source)) for source in chosen}
    file = folder / "rows"
    file.write_bytes(pickle.dumps(found))
    return file


def values(project: Lab, folder: Path) -> dict[str, Table]:
    """Return the rows, as the service reads them."""
    file = folder / "values"
    project.run(project.python, "-c", READ, file)
    found: dict[str, Table] = pickle.loads(file.read_bytes())
    return found
