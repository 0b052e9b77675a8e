"""The corpus, continued: several changes of a table, or of tables that refer to each other, at once."""

from .corpus import AB, NAME, Case, same
from .findings import ALL, CHECK, DROP, FOREIGN_KEY, INDEX, RENAME, UNIQUE
from .structures import key, pair

N = "n: Mapped[int]"
BOTH = f"{NAME}\n{N}"
TOGETHER = '\n__table_args__ = (UniqueConstraint("name", "n"),)'
THREE = [(1, "a", 1), (2, "b", 2)]


def optional(table: str, *, index: bool = False) -> str:
    """A column that may refer to the parent."""
    return key(table, index=index).replace("[int]", "[int | None]")


SCENARIOS = [
    Case(
        "add_unique_together",
        BOTH,
        BOTH + TOGETHER,
        rows={"add_unique_together (id, name, n)": THREE},
        query="SELECT id, name, n FROM add_unique_together ORDER BY id",
        expect=THREE,
        lint=UNIQUE,
    ),
    Case(
        "drop_unique_together",
        BOTH + TOGETHER,
        BOTH,
        rows={"drop_unique_together (id, name, n)": THREE},
        query="SELECT id, name, n FROM drop_unique_together ORDER BY id",
        expect=THREE,
    ),
    Case(
        "rename_in_unique_together",
        BOTH + TOGETHER,
        (BOTH + TOGETHER).replace("n:", "amount:").replace('"n"', '"amount"'),
        rows={"rename_in_unique_together (id, name, n)": THREE},
        query="SELECT id, name, amount FROM rename_in_unique_together ORDER BY id",
        expect=THREE,
        renames={"rename_in_unique_together.n": "rename_in_unique_together.amount"},
        lint=RENAME,
    ),
    Case(
        "drop_column_in_unique_together",
        BOTH + TOGETHER,
        NAME,
        rows={"drop_column_in_unique_together (id, name, n)": THREE},
        query="SELECT id, name FROM drop_column_in_unique_together ORDER BY id",
        expect=AB,
        lint=DROP,
    ),
    Case(
        "unique_to_index",
        "name: Mapped[str] = mapped_column(String(40), unique=True)",
        "name: Mapped[str] = mapped_column(String(40), index=True)",
        **same("unique_to_index"),
        lint=INDEX,
    ),
    Case(
        "index_to_unique",
        "name: Mapped[str] = mapped_column(String(40), index=True)",
        "name: Mapped[str] = mapped_column(String(40), unique=True)",
        **same("index_to_unique"),
        lint=UNIQUE,
    ),
    Case(
        "add_reference_to_new_table",
        f'class AddReferenceToNewTable(Row):\n    __tablename__ = "add_reference_to_new_table"\n\n    {NAME}\n',
        pair("add_reference_to_new_table", f"{NAME}\n    {optional('add_reference_to_new_table')}"),
        rows={"add_reference_to_new_table (id, name)": AB},
        query="SELECT id, name, parent_id FROM add_reference_to_new_table ORDER BY id",
        expect=[(1, "a", None), (2, "b", None)],
        lint=FOREIGN_KEY,
    ),
    Case(
        "drop_table_and_its_reference",
        pair(
            "drop_table_and_its_reference",
            f"{NAME}\n    {optional('drop_table_and_its_reference', index=True)}",
        ),
        'class DropTableAndItsReference(Row):\n    __tablename__ = "drop_table_and_its_reference"\n\n'
        f"    {NAME}\n",
        rows={
            "drop_table_and_its_reference_parent (id, name)": AB,
            "drop_table_and_its_reference (id, name, parent_id)": [(1, "a", 1), (2, "b", None)],
        },
        query="SELECT id, name FROM drop_table_and_its_reference ORDER BY id",
        expect=AB,
        renames={"drop_table_and_its_reference_parent": ""},
        lint={ALL: {"migrations.W103", "migrations.W104"}},
    ),
    Case(
        "move_column_to_parent",
        pair(
            "move_column_to_parent", f"{NAME}\n    note: Mapped[str | None] = mapped_column(Text)"
        ),
        pair("move_column_to_parent", NAME, "note: Mapped[str | None] = mapped_column(Text)"),
        rows={
            "move_column_to_parent_parent (id, name)": AB,
            "move_column_to_parent (id, name)": AB,
        },
        query="SELECT id, name, note FROM move_column_to_parent_parent ORDER BY id",
        expect=[(1, "a", None), (2, "b", None)],
        lint=DROP,
    ),
    Case(
        "add_two_references",
        pair("add_two_references", NAME),
        pair(
            "add_two_references",
            f"{NAME}\n    {optional('add_two_references')}\n    "
            + optional("add_two_references").replace("parent_id", "other_id", 1),
        ),
        rows={"add_two_references_parent (id, name)": AB, "add_two_references (id, name)": AB},
        query="SELECT id, parent_id, other_id FROM add_two_references ORDER BY id",
        expect=[(1, None, None), (2, None, None)],
        lint=FOREIGN_KEY,
    ),
    Case(
        "add_self_reference",
        NAME,
        f'{NAME}\nup: Mapped[int | None] = mapped_column(ForeignKey("add_self_reference.id"), index=True)',
        rows={"add_self_reference (id, name)": AB},
        query="SELECT id, name, up FROM add_self_reference ORDER BY id",
        expect=[(1, "a", None), (2, "b", None)],
        lint={ALL: set(), "postgresql": {"migrations.W108", "migrations.W109"}},
    ),
    Case(
        "require_reference",
        pair("require_reference", optional("require_reference")),
        pair("require_reference", key("require_reference")),
        rows={
            "require_reference_parent (id, name)": AB,
            "require_reference (id, parent_id)": [(10, 1), (20, None)],
        },
        query="SELECT id, parent_id FROM require_reference ORDER BY id",
        expect=[(10, 1), (20, 2)],
        defaults={"require_reference.parent_id": "2"},
        lint={ALL: {"migrations.W102"}},
    ),
    Case(
        "release_reference",
        pair("release_reference", key("release_reference")),
        pair("release_reference", optional("release_reference")),
        rows={
            "release_reference_parent (id, name)": AB,
            "release_reference (id, parent_id)": [(10, 1)],
        },
        query="SELECT id, parent_id FROM release_reference",
        expect=[(10, 1)],
    ),
    Case(
        "retype_and_require",
        "n: Mapped[int | None]",
        "n: Mapped[int] = mapped_column(BigInteger)",
        rows={"retype_and_require (id, n)": [(1, 5), (2, None)]},
        query="SELECT id, n FROM retype_and_require ORDER BY id",
        expect=[(1, 5), (2, 7)],
        defaults={"retype_and_require.n": "7"},
        lint={ALL: {"migrations.W102", "migrations.W107"}},
    ),
    Case(
        "rename_and_require",
        "label: Mapped[str | None] = mapped_column(String(40))",
        NAME,
        rows={"rename_and_require (id, label)": [(1, "a"), (2, None)]},
        query="SELECT id, name FROM rename_and_require ORDER BY id",
        expect=[(1, "a"), (2, "none")],
        renames={"rename_and_require.label": "rename_and_require.name"},
        defaults={"rename_and_require.name": "none"},
        lint={ALL: {"migrations.W102", "migrations.W105"}},
    ),
    Case(
        "rename_and_index",
        "label: Mapped[str] = mapped_column(String(40))",
        "name: Mapped[str] = mapped_column(String(40), index=True)",
        rows={"rename_and_index (id, label)": AB},
        query="SELECT id, name FROM rename_and_index ORDER BY id",
        expect=AB,
        renames={"rename_and_index.label": "rename_and_index.name"},
        lint={**RENAME, "postgresql": {"migrations.W105", "migrations.W108"}},
    ),
    Case(
        "check_new_column",
        NAME,
        f'{NAME}\n{N}\n__table_args__ = (CheckConstraint("n > 0", name="positive"),)',
        rows={"check_new_column (id, name)": AB},
        query="SELECT id, n FROM check_new_column ORDER BY id",
        expect=[(1, 3), (2, 3)],
        defaults={"check_new_column.n": "3"},
        lint={ALL: {"migrations.W101"}, "postgresql": {"migrations.W101", "migrations.W110"}},
    ),
    Case(
        "drop_checked_column",
        f'{NAME}\n{N}\n__table_args__ = (CheckConstraint("n >= 0", name="positive"),)',
        NAME,
        rows={"drop_checked_column (id, name, n)": THREE},
        query="SELECT id, name FROM drop_checked_column ORDER BY id",
        expect=AB,
        lint=DROP,
    ),
    Case(
        "swap_checks",
        f'{BOTH}\n__table_args__ = (CheckConstraint("n > 0", name="one"), CheckConstraint("n < 9", name="two"))',
        f'{BOTH}\n__table_args__ = (CheckConstraint("n < 9", name="one"), CheckConstraint("n > 0", name="two"))',
        rows={"swap_checks (id, name, n)": THREE},
        query="SELECT id, name, n FROM swap_checks ORDER BY id",
        expect=THREE,
        lint=CHECK,
    ),
    Case(
        "add_columns_of_each_kind",
        NAME,
        f"{NAME}\na: Mapped[int | None]\nb: Mapped[bool | None]\nc: Mapped[date | None]\n"
        "d: Mapped[datetime | None]\ne: Mapped[UUID | None]\nf: Mapped[dict[str, Any] | None]\n"
        "g: Mapped[Decimal | None] = mapped_column(ExactDecimal(9, 2))",
        **same("add_columns_of_each_kind"),
    ),
    Case(
        "drop_columns_of_each_kind",
        f"{NAME}\na: Mapped[int]\nb: Mapped[bool]\nc: Mapped[date]\nd: Mapped[datetime]\n"
        "g: Mapped[Decimal] = mapped_column(ExactDecimal(9, 2))",
        NAME,
        rows={
            "drop_columns_of_each_kind (id, name, a, b, c, d, g)": [
                (1, "a", 1, True, "2024-01-01", "2024-01-01 00:00:00", 5)
            ]
        },
        query="SELECT id, name FROM drop_columns_of_each_kind",
        expect=[(1, "a")],
        lint=DROP,
    ),
    Case(
        "drop_many_to_many",
        pair("drop_many_to_many", NAME) + "\n\ndrop_many_to_many_links = Table(\n"
        '    "drop_many_to_many_links",\n    Base.metadata,\n'
        '    Column("left", ForeignKey("drop_many_to_many.id"), primary_key=True),\n'
        '    Column("right", ForeignKey("drop_many_to_many_parent.id"), primary_key=True),\n)\n',
        pair("drop_many_to_many", NAME),
        rows={"drop_many_to_many_parent (id, name)": AB, "drop_many_to_many (id, name)": AB},
        query="SELECT id, name FROM drop_many_to_many ORDER BY id",
        expect=AB,
        renames={"drop_many_to_many_links": ""},
        lint={ALL: {"migrations.W104"}},
    ),
]
