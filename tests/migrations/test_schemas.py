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
    told = project.manage("makemigrations", "--default", "sales.orders.n=5").stdout
    assert told.splitlines()[:-1] == [
        "  - Drop constraint fk_lines_order_id_orders on sales.lines",
        "  - Drop column sales.lines.order_id",
        "  + Add column sales.orders.n",
        "  ~ Fill column sales.orders.n",
        "  ~ Alter column sales.orders.n: NOT NULL",
    ]
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


KEPT = (
    'class Kept(Row):\n    __tablename__ = "{name}s"\n    __table_args__ = {{"schema": {schema}}}\n\n'
    "    n: Mapped[int]\n"
)
KEPT_TABLES = "\n\n".join(
    KEPT.format(name=name, schema=schema).replace("Kept", f"Kept{name.title()}")
    for name, schema in (("here", None), ("there", '"sales"'), ("elsewhere", '"staff"'))
)
ACROSS = (
    'class Buyer(Row):\n    __tablename__ = "buyers"\n\n'
    '    order_id: Mapped[int | None] = mapped_column(ForeignKey("sales.orders.id"))\n\n\n'
    f"{ORDER}"
    '    clerk_id: Mapped[int | None] = mapped_column(ForeignKey("staff.clerks.id"))\n\n\n'
    'class Clerk(Row):\n    __tablename__ = "clerks"\n    __table_args__ = {"schema": "staff"}\n\n'
)
CIRCLE = '    buyer_id: Mapped[int | None] = mapped_column(ForeignKey("buyers.id"))\n'


@pytest.mark.full
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("last", ["    n: Mapped[int]\n", CIRCLE], ids=["chain", "circle"])
def test_tables_that_refer_to_each_other_across_schemas_are_dropped(
    project: Lab, last: str
) -> None:
    project.sql("CREATE SCHEMA sales")
    project.sql("CREATE SCHEMA staff")
    project.begin(f"{ACROSS}{last}\n\n{KEPT_TABLES}")
    project.models(KEPT_TABLES)
    told = project.manage("makemigrations").stdout
    drops = [line for line in told.splitlines() if "Drop table" in line]
    if last != CIRCLE:
        assert drops == [
            "  - Drop table buyers",
            "  - Drop table sales.orders",
            "  - Drop table staff.clerks",
        ]
    assert len(drops) == 3
    for target in ("head", "-1", "head"):
        project.manage("migrate", target)
    project.manage("makemigrations", "--check")


@pytest.mark.full
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_revisions_and_findings_name_the_schema_of_a_table(project: Lab) -> None:
    project.sql("CREATE SCHEMA sales")
    project.begin(ORDER)
    commented = ORDER.replace('"sales"}', '"sales", "comment": "What people buy"}')
    project.models(commented)
    line, created = project.manage("makemigrations").stdout.splitlines()
    assert line == "  ~ Alter table sales.orders: comment"
    assert created.endswith("_alter_comment_of_sales_orders.py")
    project.manage("migrate")
    project.models(f"{commented}    n: Mapped[int | None] = mapped_column(index=True)\n")
    done = project.manage("makemigrations")
    *lines, created = done.stdout.splitlines()
    assert lines == [
        "  + Add column sales.orders.n",
        "  + Create index ix_orders_n on sales.orders",
    ]
    assert created.endswith("_add_n_to_sales_orders_and_more.py")
    assert "(migrations.W108) ix_orders_n on sales.orders: " in done.stderr
