"""A column that changes its type keeps its values, or makemigrations asks."""

import json

import pytest

from ..support.servers import Server
from .lab import Lab

pytestmark = pytest.mark.full

TABLE = 'class Value(Row):\n    __tablename__ = "kept"\n\n'
BEFORE = """
    whole: Mapped[int]
    negative: Mapped[int | None]
    large: Mapped[int]
    day: Mapped[date]
    number: Mapped[str] = mapped_column(String(40))
    document: Mapped[str] = mapped_column(String(40))
    truth: Mapped[str] = mapped_column(String(40))
"""
AFTER = """
    whole: Mapped[Decimal] = mapped_column(ExactDecimal(10, 2))
    negative: Mapped[Decimal | None] = mapped_column(ExactDecimal(18, 3))
    large: Mapped[Decimal] = mapped_column(ExactDecimal(18, 4))
    day: Mapped[datetime]
    number: Mapped[Decimal] = mapped_column(ExactDecimal(10, 2))
    document: Mapped[dict[str, Any]]
    truth: Mapped[dict[str, Any]]
"""
ROWS = [
    (1, 12, -7, 2147483647, "2024-02-29", "12.50", '{"a": 1}', "true"),
    (2, 0, None, -2147483648, "1999-12-31", "-0.05", "[1, 2]", "12"),
]
READ = """
import asyncio, json
from sqlalchemy import select
from my_service.apps.lab.models import Value
from my_service.core.db import transaction

async def main():
    async with transaction() as session:
        columns = sorted(Value.__table__.columns, key=lambda column: not column.primary_key)
        rows = await session.execute(select(*columns).order_by(Value.id))
        print(json.dumps([list(row) for row in rows], default=str))

asyncio.run(main())
"""


def values(project: Lab) -> list[list[object]]:
    """The rows, as the service reads them."""
    found: list[list[object]] = json.loads(project.run(project.python, "-c", READ).stdout)
    return found


def test_values_survive_another_type_and_the_way_back(project: Lab) -> None:
    project.begin(TABLE + BEFORE)
    project.insert("kept (id, whole, negative, large, day, number, document, truth)", ROWS)
    before = values(project)
    project.models(TABLE + AFTER)
    asked = [f"--default=kept.{name}=cast" for name in ("number", "document", "truth")]
    project.manage("makemigrations", *asked)
    project.manage("migrate")
    assert values(project) == [
        [
            1, "12.00", "-7.000", "2147483647.0000", "2024-02-29 00:00:00+00:00", "12.50",
            {"a": 1}, True,
        ],
        [
            2, "0.00", None, "-2147483648.0000", "1999-12-31 00:00:00+00:00", "-0.05",
            [1, 2], 12,
        ],
    ]  # fmt: skip
    project.manage("makemigrations", "--check")
    project.manage("migrate", "-1")
    project.models(TABLE + BEFORE)
    back = values(project)
    assert [row[:6] for row in back] == [row[:6] for row in before]
    assert [[json.loads(str(text)) for text in row[6:]] for row in back] == [
        [json.loads(str(text)) for text in row[6:]] for row in before
    ]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_an_expression_converts_values(project: Lab, database: Server) -> None:
    project.begin(TABLE + "    price: Mapped[str] = mapped_column(String(40))\n")
    project.insert("kept (id, price)", [(1, "12.50 EUR")])
    project.models(TABLE + "    price: Mapped[Decimal] = mapped_column(ExactDecimal(10, 2))\n")
    expression = {
        "sqlite": "sql:CAST(round(replace(price, ' EUR', '') * 100) AS INTEGER)",
        "postgresql": "sql:replace(price, ' EUR', '')::numeric",
    }[database.name]
    project.manage("makemigrations", f"--default=kept.price={expression}")
    project.manage("migrate")
    assert values(project) == [[1, "12.50"]]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_shared_column_type_is_asked_about(project: Lab) -> None:
    """SQLite stores ExactDecimal, Duration and BigInteger in the same type."""
    project.begin(TABLE + "    price: Mapped[Decimal] = mapped_column(ExactDecimal(10, 2))\n")
    project.insert("kept (id, price)", [(1, 1200)])
    project.models(TABLE + "    price: Mapped[int]\n")
    assert "kept.price=cast" in project.manage("makemigrations", expect=3).stderr
    project.manage("makemigrations", "--default=kept.price=sql:price / 100")
    project.manage("migrate")
    assert values(project) == [[1, 12]]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_fraction_becomes_a_decimal(project: Lab) -> None:
    project.begin(TABLE + "    price: Mapped[float]\n")
    project.insert("kept (id, price)", [(1, 12.5)])
    project.models(TABLE + "    price: Mapped[Decimal] = mapped_column(ExactDecimal(10, 2))\n")
    project.manage("makemigrations", "--default=kept.price=cast")
    project.manage("migrate")
    assert values(project) == [[1, "12.50"]]


def test_a_text_that_is_not_a_number_is_refused(project: Lab) -> None:
    project.begin(TABLE + "    size: Mapped[str] = mapped_column(String(40))\n")
    project.insert("kept (id, size)", [(1, "large")])
    project.models(TABLE + "    size: Mapped[int]\n")
    project.manage("makemigrations", "--default=kept.size=cast")
    project.manage("migrate", expect=1)
    assert project.sql("SELECT size FROM kept") == [("large",)]


KINDS = """
    at: Mapped[datetime{null}]
    number: Mapped[UUID{null}]
    price: Mapped[Decimal{null}] = mapped_column(ExactDecimal(10, 2))
    span: Mapped[timedelta{null}]
"""
IMPORT = "from datetime import timedelta\n\n\n"
HEX = "01234567-89ab-4def-8123-456789abcdef"


def test_an_answer_replaces_nulls_by_a_value_of_the_model(project: Lab) -> None:
    """The database's type lacks a part of the model's, such as the places of a number."""
    project.begin(IMPORT + TABLE + KINDS.format(null=" | None"))
    project.insert("kept (id)", [(1,)])
    project.models(IMPORT + TABLE + KINDS.format(null=""))
    answers = ("at=2024-02-29T12:00:00Z", f"number={HEX}", "price=2.50", "span=PT90S")
    options = [word for answer in answers for word in ("--default", f"kept.{answer}")]
    project.manage("makemigrations", *options)
    project.manage("migrate")
    assert values(project) == [[1, "2024-02-29 12:00:00+00:00", HEX, "2.50", "0:01:30"]]


def test_a_column_that_a_downgrade_adds_again_can_be_read(project: Lab) -> None:
    project.begin(IMPORT + TABLE + KINDS.format(null=""))
    project.models(TABLE)
    project.manage("makemigrations")
    project.manage("migrate")
    project.insert("kept (id)", [(1,)])
    project.manage("migrate", "-1")
    project.models(IMPORT + TABLE + KINDS.format(null=""))
    ((_, at, number, price, span),) = values(project)
    assert (at, number, price, span) == (
        "1970-01-01 00:00:00+00:00",
        "00000000-0000-0000-0000-000000000000",
        "0.00",
        "0:00:00",
    )


STATE = """
class State(StrEnum):
    A = "a"
    B = "b"


class Value(Row):
    __tablename__ = "kept"

    state: Mapped[State | None] = mapped_column(enum_by_value(State))
"""


def test_null_replaces_a_value_that_an_enum_loses(project: Lab) -> None:
    project.begin(STATE)
    project.insert("kept (id, state)", [(1, "a"), (2, "b"), (3, None)])
    project.models(STATE.replace('    B = "b"\n', ""))
    project.manage("makemigrations", "--default", "kept.state=sql:NULL")
    project.manage("migrate")
    assert values(project) == [[1, "a"], [2, None], [3, None]]
