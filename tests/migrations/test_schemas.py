"""Tables in a schema that models name."""

import pytest

from .lab import Lab

ORDER = (
    'class Order(Row):\n    __tablename__ = "orders"\n    __table_args__ = {"schema": "sales"}\n\n'
    "    name: Mapped[str] = mapped_column(String(40), unique=True)\n"
)
LINE = (
    'class Line(Row):\n    __tablename__ = "lines"\n    __table_args__ = {"schema": "sales"}\n\n'
    '    order_id: Mapped[int] = mapped_column(ForeignKey("sales.orders.id"))\n'
)


CYCLE = (
    'class Mood(StrEnum):\n    GOOD = "good"\n\n\n'
    + ORDER
    + '    mood: Mapped[Mood] = mapped_column(Enum(Mood, name="Mood", schema="sales"))\n'
    + '    line_id: Mapped[int | None] = mapped_column(ForeignKey("sales.lines.id"))\n\n\n'
    + LINE
)


@pytest.mark.full
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_tables_of_a_schema_refer_to_each_other(project: Lab) -> None:
    project.sql("CREATE SCHEMA sales")
    project.begin(CYCLE)
    project.insert("sales.orders (id, name, mood)", [(1, "5", "GOOD")])
    project.insert("sales.lines (id, order_id)", [(1, 1)])
    project.manage("makemigrations", "--check")
    project.models(
        CYCLE.replace("Mapped[str] = mapped_column(String(40), ", "Mapped[int] = mapped_column(")
    )
    question = project.manage("makemigrations", expect=3).stderr
    assert "The column sales.orders.name changes from VARCHAR(40) to INTEGER" in question
    project.manage("makemigrations", "--default", "sales.orders.name=cast")
    project.manage("migrate")
    assert project.sql("SELECT name, mood::text FROM sales.orders") == [(5, "GOOD")]
    project.models(f"{ORDER}    line_id: Mapped[int | None]\n")
    project.manage("makemigrations")
    project.manage("migrate")
    project.manage("makemigrations", "--check")
    project.manage("migrate", "base")
    assert project.sql("SELECT typname FROM pg_type WHERE typname = 'Mood'") == []
    project.manage("migrate")


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_rows_in_a_schema_get_values_and_names_are_not_guessed(project: Lab) -> None:
    project.sql("CREATE SCHEMA sales")
    project.begin(f"{ORDER}\n\n{LINE}")
    project.insert("sales.orders (id, name)", [(1, "a"), (2, "b")])
    project.insert("sales.lines (id, order_id)", [(1, 2)])
    project.models(f"{ORDER}    n: Mapped[int]\n\n\n{LINE}".replace("order_id", "id_of_order"))
    told = project.manage("makemigrations", expect=1).stderr
    assert (
        "sales.lines.order_id is gone, sales.lines.id_of_order is new, and names in a schema are not compared. "
        "If it is renamed, write the revision by hand: `manage.py makemigrations --empty`. "
        "If not, drop order_id in a revision before the one that adds id_of_order."
    ) in told
    required = LINE.partition("    order_id")[0] + "    pass\n"
    project.models(f"{ORDER}    n: Mapped[int]\n\n\n{required}")
    project.manage("makemigrations", "--default", "sales.orders.n=5")
    project.manage("migrate")
    assert project.sql("SELECT id, n FROM sales.orders ORDER BY id") == [(1, 5), (2, 5)]
    project.manage("migrate", "-1")
    assert project.sql("SELECT order_id FROM sales.lines") == [(1,)]
    project.manage("migrate")
    project.models(f"{ORDER}    n: Mapped[int]\n")
    project.manage("makemigrations")
    project.manage("migrate")
    project.manage("migrate", "-1")
    project.manage("migrate")
    project.manage("makemigrations", "--check")
