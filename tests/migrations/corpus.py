"""Changes to models with rows in their tables: what is written before, and what must be there after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .findings import ALL, ALTER, DROP, RENAME

HEADER = '''"""The corpus' models."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Date,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Numeric,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    func,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from ...core.db import Base, ExactDecimal, Timestamps, UTCDateTime, enum_by_value


class Row(Base):
    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
'''

Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Case:
    """A change.

    Attributes:
        name: of the case, and of its table unless the models say otherwise.
        before: the columns of the table, or whole classes.
        after: the same, changed; empty when the table is dropped.
        rows: the values of the rows that are there, a tuple each, by table and columns.
        later: rows that are inserted after the change, in the same form.
        query: what is asked after the change.
        expect: the rows that must be answered.
        renames: answers.
        defaults: answers.
        lint: the linter's findings, by database; "" stands for all others.
        databases: where it is a change at all.
    """

    name: str
    before: str
    after: str
    rows: Mapping[str, Rows] = field(default_factory=dict[str, Rows])
    later: Mapping[str, Rows] = field(default_factory=dict[str, Rows])
    query: str = ""
    expect: Rows = ()
    renames: Mapping[str, str] = field(default_factory=dict[str, str])
    defaults: Mapping[str, str] = field(default_factory=dict[str, str])
    lint: Mapping[str, set[str]] = field(default_factory=dict[str, set[str]])
    databases: Sequence[str] = ("sqlite", "postgresql", "mariadb", "mysql")

    def models(self, body: str) -> str:
        """The classes of one side."""
        if not body or body.startswith(("class ", "@")) or " = Table(" in body:
            return body
        name = "".join(part.title() for part in self.name.split("_"))
        lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
        return f'class {name}(Row):\n    __tablename__ = "{self.name}"\n\n{lines}\n'


def module(cases: Sequence[Case], side: str) -> str:
    """A models.py with one side of these cases."""
    bodies = [case.models(getattr(case, side)) for case in cases]
    return "\n\n".join([HEADER, *filter(None, bodies)])


def answers(cases: Sequence[Case]) -> str:
    """All answers, as makemigrations reads them from a file."""
    lines: list[str] = []
    for table, side in (("rename", "renames"), ("default", "defaults")):
        lines.append(f"[{table}]")
        for case in cases:
            pairs: Mapping[str, str] = getattr(case, side)
            lines += [f'"{key}" = "{value}"' for key, value in pairs.items()]
    return "\n".join(lines)


NAME = "name: Mapped[str] = mapped_column(String(40))"
AB: Rows = [(1, "a"), (2, "b")]


def same(name: str, columns: str = "id, name") -> dict[str, Any]:
    """Two rows that stay as they are."""
    return {
        "rows": {f"{name} ({columns})": AB},
        "query": f"SELECT {columns} FROM {name} ORDER BY id",
        "expect": AB,
    }


COLUMNS = [
    Case(
        "add_nullable",
        NAME,
        NAME + "\nsubtitle: Mapped[str | None] = mapped_column(String(80))",
        **same("add_nullable"),
    ),
    Case(
        "add_with_server_default",
        NAME,
        NAME + '\nlevel: Mapped[int] = mapped_column(server_default="3")',
        rows={"add_with_server_default (id, name)": AB},
        query="SELECT id, name, level FROM add_with_server_default ORDER BY id",
        expect=[(1, "a", 3), (2, "b", 3)],
    ),
    Case(
        "add_required_int",
        NAME,
        NAME + "\nviews: Mapped[int]",
        rows={"add_required_int (id, name)": AB},
        query="SELECT id, name, views FROM add_required_int ORDER BY id",
        expect=[(1, "a", 7), (2, "b", 7)],
        defaults={"add_required_int.views": "7"},
        lint={ALL: {"migrations.W101"}},
    ),
    Case(
        "add_required_text",
        NAME,
        NAME + "\nbody: Mapped[str] = mapped_column(Text)",
        rows={"add_required_text (id, name)": AB},
        query="SELECT id, body FROM add_required_text ORDER BY id",
        expect=[(1, 'it\'s 5:30, 100% {"a":1}'), (2, 'it\'s 5:30, 100% {"a":1}')],
        defaults={"add_required_text.body": 'it\'s 5:30, 100% {\\"a\\":1}'},
        lint={ALL: {"migrations.W101"}},
    ),
    Case(
        "add_required_by_expression",
        NAME,
        NAME + "\nslug: Mapped[str] = mapped_column(String(80), unique=True)",
        rows={"add_required_by_expression (id, name)": AB},
        query="SELECT id, slug FROM add_required_by_expression ORDER BY id",
        expect=AB,
        defaults={"add_required_by_expression.slug": "sql:lower(name)"},
        lint={ALL: {"migrations.W101"}, "postgresql": {"migrations.W101", "migrations.W111"}},
    ),
    Case(
        "add_required_from_model",
        NAME,
        NAME + "\nactive: Mapped[bool] = mapped_column(default=True)",
        rows={"add_required_from_model (id, name)": AB},
        query="SELECT count(*) FROM add_required_from_model WHERE active",
        expect=[(2,)],
        lint={ALL: {"migrations.W101"}},
    ),
    Case(
        "add_required_enum",
        'class Mood(StrEnum):\n    GOOD = "good"\n    BAD = "bad"\n\n\n'
        f'class AddRequiredEnum(Row):\n    __tablename__ = "add_required_enum"\n\n    {NAME}\n',
        'class Mood(StrEnum):\n    GOOD = "good"\n    BAD = "bad"\n\n\n'
        f'class AddRequiredEnum(Row):\n    __tablename__ = "add_required_enum"\n\n    {NAME}\n'
        "    mood: Mapped[Mood]\n",
        rows={"add_required_enum (id, name)": AB},
        query="SELECT id, mood FROM add_required_enum ORDER BY id",
        expect=[(1, "bad"), (2, "bad")],
        defaults={"add_required_enum.mood": "bad"},
        lint={ALL: {"migrations.W101"}, "postgresql": {"migrations.W101", "migrations.W110"}},
    ),
    Case(
        "add_timestamps",
        f'class AddTimestamps(Row):\n    __tablename__ = "add_timestamps"\n\n    {NAME}\n',
        f'class AddTimestamps(Timestamps, Row):\n    __tablename__ = "add_timestamps"\n\n    {NAME}\n',
        rows={"add_timestamps (id, name)": AB},
        query="SELECT count(*) FROM add_timestamps WHERE created_at < '2025-01-01' AND updated_at > '2025-01-01'",
        expect=[(2,)],
        defaults={
            "add_timestamps.created_at": "2024-05-06T07:08:09.123456Z",
            "add_timestamps.updated_at": "now",
        },
        lint={ALL: {"migrations.W101"}},
    ),
    Case(
        "add_required_money",
        NAME,
        NAME + "\nprice: Mapped[Decimal] = mapped_column(ExactDecimal(10, 2))",
        rows={"add_required_money (id, name)": AB},
        query="SELECT count(*) FROM add_required_money WHERE price IN (12.5, 1250)",
        expect=[(2,)],
        defaults={"add_required_money.price": "12.50"},
        lint={ALL: {"migrations.W101"}},
    ),
    Case(
        "add_required_json",
        NAME,
        NAME + "\nmeta: Mapped[dict[str, Any]]",
        rows={"add_required_json (id, name)": AB},
        query="SELECT count(*) FROM add_required_json WHERE meta IS NOT NULL",
        expect=[(2,)],
        defaults={"add_required_json.meta": '{\\"a\\":1}'},
        lint={ALL: {"migrations.W101"}},
    ),
    Case(
        "drop_column",
        NAME + "\nextra: Mapped[str] = mapped_column(String(20))",
        NAME,
        rows={"drop_column (id, name, extra)": [(1, "a", "x"), (2, "b", "y")]},
        query="SELECT id, name FROM drop_column ORDER BY id",
        expect=AB,
        lint=DROP,
    ),
    Case(
        "drop_indexed_column",
        NAME + "\nextra: Mapped[int] = mapped_column(index=True)",
        NAME,
        rows={"drop_indexed_column (id, name, extra)": [(1, "a", 1), (2, "b", 2)]},
        query="SELECT id, name FROM drop_indexed_column ORDER BY id",
        expect=AB,
        lint=DROP,
    ),
    Case(
        "rename_column",
        NAME,
        "title: Mapped[str] = mapped_column(String(40))",
        rows={"rename_column (id, name)": AB},
        query="SELECT id, title FROM rename_column ORDER BY id",
        expect=AB,
        renames={"rename_column.name": "rename_column.title"},
        lint=RENAME,
    ),
    Case(
        "rename_unique_indexed_column",
        "code: Mapped[str] = mapped_column(String(9), unique=True)\n"
        "score: Mapped[int] = mapped_column(index=True)",
        "sku: Mapped[str] = mapped_column(String(9), unique=True)\n"
        "place: Mapped[int] = mapped_column(index=True)",
        rows={"rename_unique_indexed_column (id, code, score)": [(1, "a", 5), (2, "b", 6)]},
        query="SELECT id, sku, place FROM rename_unique_indexed_column ORDER BY id",
        expect=[(1, "a", 5), (2, "b", 6)],
        renames={
            "rename_unique_indexed_column.code": "rename_unique_indexed_column.sku",
            "rename_unique_indexed_column.score": "rename_unique_indexed_column.place",
        },
        lint=RENAME,
    ),
    Case(
        "rename_and_widen",
        "label: Mapped[str] = mapped_column(String(20))",
        "caption: Mapped[str] = mapped_column(String(90))",
        rows={"rename_and_widen (id, label)": AB},
        query="SELECT id, caption FROM rename_and_widen ORDER BY id",
        expect=AB,
        renames={"rename_and_widen.label": "rename_and_widen.caption"},
        lint={ALL: {"migrations.W105", "migrations.W107"}, "postgresql": {"migrations.W105"}},
    ),
    Case(
        "drop_one_add_another",
        NAME + "\nold: Mapped[int | None]",
        NAME + "\nnew: Mapped[int | None]",
        rows={"drop_one_add_another (id, name, old)": [(1, "a", 5)]},
        query="SELECT id, name, new FROM drop_one_add_another",
        expect=[(1, "a", None)],
        renames={"drop_one_add_another.old": ""},
        lint=DROP,
    ),
]

TYPES = [
    Case(
        "widen_string",
        "name: Mapped[str] = mapped_column(String(20))",
        "name: Mapped[str] = mapped_column(String(200))",
        **same("widen_string"),
        lint={ALL: {"migrations.W107"}, "postgresql": set()},
    ),
    Case(
        "narrow_string",
        "name: Mapped[str] = mapped_column(String(200))",
        "name: Mapped[str] = mapped_column(String(20))",
        **same("narrow_string"),
        lint=ALTER,
    ),
    Case(
        "string_to_text",
        "name: Mapped[str] = mapped_column(String(200))",
        "name: Mapped[str] = mapped_column(Text)",
        **same("string_to_text"),
        lint={ALL: {"migrations.W107"}, "postgresql": set()},
    ),
    Case(
        "int_to_bigint",
        "n: Mapped[int]",
        "n: Mapped[int] = mapped_column(BigInteger)",
        rows={"int_to_bigint (id, n)": [(1, 2147483647)]},
        query="SELECT id, n FROM int_to_bigint",
        expect=[(1, 2147483647)],
        lint=ALTER,
    ),
    Case(
        "int_to_string",
        "n: Mapped[int]",
        "n: Mapped[str] = mapped_column(String(20))",
        rows={"int_to_string (id, n)": [(1, 42), (2, -7)]},
        query="SELECT id, n FROM int_to_string ORDER BY id",
        expect=[(1, "42"), (2, "-7")],
        lint=ALTER,
    ),
    Case(
        "string_to_int",
        "n: Mapped[str] = mapped_column(String(20))",
        "n: Mapped[int]",
        rows={"string_to_int (id, n)": [(1, "42"), (2, "-7")]},
        query="SELECT id, n FROM string_to_int ORDER BY id",
        expect=[(1, 42), (2, -7)],
        defaults={"string_to_int.n": "cast"},
        lint=ALTER,
    ),
    Case(
        "bool_to_int",
        "n: Mapped[bool]",
        "n: Mapped[int]",
        rows={"bool_to_int (id, n)": [(1, True), (2, False)]},
        query="SELECT id, n FROM bool_to_int ORDER BY id",
        expect=[(1, 1), (2, 0)],
        lint=ALTER,
    ),
    Case(
        "date_to_datetime",
        "day: Mapped[date]",
        "day: Mapped[datetime]",
        rows={"date_to_datetime (id, day)": [(1, "2024-02-29")]},
        query="SELECT count(*) FROM date_to_datetime WHERE day >= '2024-02-29' AND day < '2024-03-01'",
        expect=[(1,)],
        lint=ALTER,
    ),
]

NULLS = [
    Case(
        "forbid_null",
        "name: Mapped[str | None] = mapped_column(String(40))",
        NAME,
        rows={"forbid_null (id, name)": [(1, "a"), (2, None)]},
        query="SELECT id, name FROM forbid_null ORDER BY id",
        expect=[(1, "a"), (2, "nobody")],
        defaults={"forbid_null.name": "nobody"},
        lint={ALL: {"migrations.W102"}},
    ),
    Case(
        "allow_null",
        NAME,
        "name: Mapped[str | None] = mapped_column(String(40))",
        **same("allow_null"),
    ),
    Case(
        "set_server_default",
        NAME,
        'name: Mapped[str] = mapped_column(String(40), server_default="x")',
        **same("set_server_default"),
    ),
    Case(
        "change_server_default",
        'n: Mapped[int] = mapped_column(server_default="1")',
        'n: Mapped[int] = mapped_column(server_default="2")',
        rows={"change_server_default (id)": [(1,)]},
        query="SELECT id, n FROM change_server_default",
        expect=[(1, 1)],
    ),
    Case(
        "drop_server_default",
        'name: Mapped[str] = mapped_column(String(40), server_default="x")',
        NAME,
        **same("drop_server_default"),
    ),
]
