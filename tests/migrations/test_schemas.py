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
