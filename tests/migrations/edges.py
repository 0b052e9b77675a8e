"""The corpus, continued: odd values and names, composite keys, and columns that replace others."""

from .corpus import AB, NAME, Case
from .findings import ALL, CHECK, DROP, RENAME
from .names import columns, moved
from .structures import key, pair

LONG = "x" * 63
REPLACED = {"migrations.W103", "migrations.W105"}
ODD = ("it's", "50%", "a:b", 'say "x"', "", "é", "(x)", "NULL", "draft")


def listed(table: str, *values: str) -> str:
    """A table with an enum's column."""
    name = "".join(part.title() for part in table.split("_"))
    members = "\n".join(f"    VALUE_{number} = {value!r}" for number, value in enumerate(values))
    return (
        f"class {name}State(StrEnum):\n{members}\n\n\n"
        f'class {name}(Row):\n    __tablename__ = "{table}"\n\n    {NAME}\n'
        f"    state: Mapped[{name}State] = mapped_column(enum_by_value({name}State))\n"
    )


def plain(table: str) -> str:
    """The same table without it."""
    return listed(table, "").partition("\n\n\n")[2].partition("    state:")[0]


def of_tenant(table: str, *columns: str, tenant: str = "tenant_id", number: str = "number") -> str:
    """A table with a composite key, and one that may refer to it."""
    name = "".join(part.title() for part in table.split("_"))
    key = "Mapped[int] = mapped_column(primary_key=True, autoincrement=False)"
    return (
        f'class {name}Parent(Base):\n    __tablename__ = "{table}_parent"\n\n'
        f"    {tenant}: {key}\n    {number}: {key}\n\n\n"
        f'class {name}(Row):\n    __tablename__ = "{table}"\n\n    ' + "\n    ".join(columns) + "\n"
    )


def referring(table: str, tenant: str = "tenant_id", number: str = "number") -> tuple[str, ...]:
    """The columns that refer to both columns of a composite key."""
    return (
        f"{tenant}: Mapped[int]",
        f"{number}: Mapped[int]",
        f'__table_args__ = (ForeignKeyConstraint(["{tenant}", "{number}"], '
        f'["{table}_parent.{tenant}", "{table}_parent.{number}"]),)',
    )


def tenants(table: str) -> dict[str, list[tuple[int, ...]]]:
    """Rows of two tenants, of which the first has the higher numbers."""
    return {
        f"{table}_parent (tenant_id, number)": [(7, 8), (9, 1)],
        f"{table} (id, tenant_id, number)": [(1, 7, 8), (2, 9, 1)],
    }


def replaced(name: str, options: str, finding: str) -> Case:
    """A column takes the place of another one, which is dropped."""
    return Case(
        name,
        columns("a", "b", options=options),
        columns("b", options=options),
        rows={f"{name} (id, a, b)": [(1, "x", "y")]},
        query=f"SELECT id, b FROM {name}",
        expect=[(1, "x")],
        renames={f"{name}.a": f"{name}.b", f"{name}.b": ""},
        lint={ALL: REPLACED, "postgresql": REPLACED | {finding}},
    )


EDGES = [
    Case(
        "odd_enum_gains_value",
        listed("odd_enum_gains_value", *ODD),
        listed("odd_enum_gains_value", *ODD, "new"),
        rows={
            "odd_enum_gains_value (id, name, state)": [
                (number, "a", value) for number, value in enumerate(ODD)
            ]
        },
        query="SELECT count(*) FROM odd_enum_gains_value",
        expect=[(len(ODD),)],
        lint=CHECK,
    ),
    Case(
        "odd_enum_loses_value",
        listed("odd_enum_loses_value", "a\\b", *ODD),
        listed("odd_enum_loses_value", "a\\b", *ODD[:-1]),
        rows={"odd_enum_loses_value (id, name, state)": [(1, "a", "it's"), (2, "b", "draft")]},
        query="SELECT id, state FROM odd_enum_loses_value ORDER BY id",
        expect=[(1, "it's"), (2, "it's")],
        defaults={"odd_enum_loses_value.state": "it's"},
        lint=CHECK,
    ),
    Case(
        "drop_odd_enum",
        listed("drop_odd_enum", "a\\b", *ODD),
        plain("drop_odd_enum"),
        rows={"drop_odd_enum (id, name, state)": [(1, "a", "it's"), (2, "b", "draft")]},
        query="SELECT id, name FROM drop_odd_enum ORDER BY id",
        expect=AB,
        lint=DROP,
    ),
    Case(
        "add_odd_enum",
        plain("add_odd_enum"),
        listed("add_odd_enum", *ODD),
        rows={"add_odd_enum (id, name)": AB},
        query="SELECT id, state FROM add_odd_enum ORDER BY id",
        expect=[(1, "it's"), (2, "it's")],
        defaults={"add_odd_enum.state": "it's"},
        lint={ALL: {"migrations.W101"}, "postgresql": {"migrations.W101", "migrations.W110"}},
    ),
    Case(
        "enum_of_one_value_gains_another",
        listed("enum_of_one_value_gains_another", "draft"),
        listed("enum_of_one_value_gains_another", "draft", "live"),
        rows={"enum_of_one_value_gains_another (id, name, state)": [(1, "a", "draft")]},
        later={"enum_of_one_value_gains_another (id, name, state)": [(2, "b", "live")]},
        lint=CHECK,
    ),
    Case(
        "narrow_check_with_alternative",
        f"{NAME}\nn: Mapped[int]\n"
        "__table_args__ = (CheckConstraint(\"name IN ('a', 'b') OR n = 0\", name=\"c\"),)",
        f"{NAME}\nn: Mapped[int]\n"
        '__table_args__ = (CheckConstraint("name IN (\'a\') OR n = 0", name="c"),)',
        rows={"narrow_check_with_alternative (id, name, n)": [(1, "a", 1), (2, "z", 0)]},
        query="SELECT id, name FROM narrow_check_with_alternative ORDER BY id",
        expect=[(1, "a"), (2, "z")],
        lint=CHECK,
    ),
    Case(
        "rename_column_named_in_text",
        f'{NAME}\n__table_args__ = (CheckConstraint("name <> \'no name here\'", name="c"),)',
        "title: Mapped[str] = mapped_column(String(40))\n"
        '__table_args__ = (CheckConstraint("title <> \'no name here\'", name="c"),)',
        rows={"rename_column_named_in_text (id, name)": AB},
        query="SELECT id, title FROM rename_column_named_in_text ORDER BY id",
        expect=AB,
        renames={"rename_column_named_in_text.name": "rename_column_named_in_text.title"},
        lint=RENAME,
    ),
    Case(
        "rename_column_after_quote",
        f"{NAME}\nn: Mapped[int]\n"
        "__table_args__ = (CheckConstraint(\"name <> 'it''s' AND n > 0 AND name <> '!'\", name=\"c\"),)",
        f"{NAME}\nnumber: Mapped[int]\n"
        "__table_args__ = (CheckConstraint(\"name <> 'it''s' AND number > 0 AND name <> '!'\", name=\"c\"),)",
        rows={"rename_column_after_quote (id, name, n)": [(1, "a", 5)]},
        query="SELECT id, number FROM rename_column_after_quote",
        expect=[(1, 5)],
        renames={"rename_column_after_quote.n": "rename_column_after_quote.number"},
        lint=RENAME,
    ),
    Case(
        "drop_composite_reference",
        of_tenant("drop_composite_reference", *referring("drop_composite_reference")),
        of_tenant("drop_composite_reference", NAME.replace("[str]", "[str | None]")),
        rows=tenants("drop_composite_reference"),
        query="SELECT id FROM drop_composite_reference ORDER BY id",
        expect=[(1,), (2,)],
        renames={
            "drop_composite_reference.tenant_id": "",
            "drop_composite_reference.number": "",
        },
        lint=DROP,
    ),
    Case(
        "drop_part_of_composite_reference",
        of_tenant(
            "drop_part_of_composite_reference", *referring("drop_part_of_composite_reference")
        ),
        of_tenant("drop_part_of_composite_reference", "tenant_id: Mapped[int]"),
        rows=tenants("drop_part_of_composite_reference"),
        query="SELECT id, tenant_id FROM drop_part_of_composite_reference ORDER BY id",
        expect=[(1, 7), (2, 9)],
        lint=DROP,
    ),
    Case(
        "rename_composite_key",
        of_tenant("rename_composite_key", *referring("rename_composite_key")),
        of_tenant(
            "rename_composite_key",
            *referring("rename_composite_key", "org_id", "no"),
            tenant="org_id",
            number="no",
        ),
        rows=tenants("rename_composite_key"),
        query="SELECT c.id, p.org_id, p.no FROM rename_composite_key c "
        "JOIN rename_composite_key_parent p ON p.org_id = c.org_id AND p.no = c.no ORDER BY c.id",
        expect=[(1, 7, 8), (2, 9, 1)],
        renames={
            f"rename_composite_key{table}.{old}": f"rename_composite_key{table}.{new}"
            for table in ("", "_parent")
            for old, new in (("tenant_id", "org_id"), ("number", "no"))
        },
        lint=RENAME,
    ),
    Case(
        "drop_computed_and_its_column",
        f"{NAME}\nn: Mapped[int]\n"
        'total: Mapped[int | None] = mapped_column(Computed("n * 2", persisted=True))',
        NAME,
        rows={"drop_computed_and_its_column (id, name, n)": [(1, "a", 5)]},
        query="SELECT id, name FROM drop_computed_and_its_column",
        expect=[(1, "a")],
        lint=DROP,
    ),
    Case(
        "add_computed_before_its_column",
        NAME,
        f'{NAME}\ntotal: Mapped[int | None] = mapped_column(Computed("n * 2", persisted=True))\n'
        "n: Mapped[int]",
        rows={"add_computed_before_its_column (id, name)": [(1, "a")]},
        query="SELECT id, n, total FROM add_computed_before_its_column",
        expect=[(1, 5, 10)],
        defaults={"add_computed_before_its_column.n": "5"},
        lint={ALL: {"migrations.W101"}},
    ),
    replaced("replace_indexed", ", index=True", "migrations.W108"),
    replaced("replace_unique", ", unique=True", "migrations.W111"),
    Case(
        "replace_reference",
        pair(
            "replace_reference",
            "\n    ".join(
                key("replace_reference").replace("parent_id:", f"{name}_id:") for name in "ab"
            ),
        ),
        pair("replace_reference", key("replace_reference").replace("parent_id:", "b_id:")),
        rows={
            "replace_reference_parent (id, name)": AB,
            "replace_reference (id, a_id, b_id)": [(1, 1, 2)],
        },
        query="SELECT id, b_id FROM replace_reference",
        expect=[(1, 1)],
        renames={"replace_reference.a_id": "replace_reference.b_id", "replace_reference.b_id": ""},
        lint={ALL: REPLACED, "postgresql": REPLACED | {"migrations.W109"}},
    ),
    Case(
        "reserved_names",
        'class Order(Row):\n    __tablename__ = "order"\n\n'
        "    group: Mapped[str] = mapped_column(String(40), index=True)\n"
        "    select: Mapped[str | None] = mapped_column(String(40), unique=True)\n",
        'class Order(Row):\n    __tablename__ = "user"\n\n'
        "    where: Mapped[str] = mapped_column(String(40), index=True)\n"
        "    select: Mapped[str] = mapped_column(String(40), unique=True)\n    table: Mapped[int]\n",
        renames={"order": "user", "order.group": "user.where"},
        defaults={"user.select": "x", "user.table": "1"},
        lint={ALL: {f"migrations.W10{number}" for number in (1, 2, 5, 6)}},
    ),
    Case(
        "odd_names",
        'class OddNames(Row):\n    __tablename__ = "odd_names"\n\n'
        '    one: Mapped[str] = mapped_column("a%b", String(40))\n'
        '    two: Mapped[str] = mapped_column("c:d", String(40))\n',
        'class OddNames(Row):\n    __tablename__ = "odd_names"\n\n'
        '    one: Mapped[str] = mapped_column("x%y", String(40))\n'
        '    two: Mapped[str] = mapped_column("c:e", String(40))\n',
        renames={"odd_names.a%b": "odd_names.x%y", "odd_names.c:d": "odd_names.c:e"},
        lint=RENAME,
    ),
    Case(
        "rename_unique_with_long_name",
        columns("y" * 55, options=", unique=True"),
        columns("z" * 55, options=", unique=True"),
        renames={
            f"rename_unique_with_long_name.{'y' * 55}": f"rename_unique_with_long_name.{'z' * 55}"
        },
        lint=RENAME,
    ),
    moved(
        "swap_long_names", [LONG, LONG[1:]], [LONG, LONG[1:]], {LONG: LONG[1:], LONG[1:]: LONG}, ""
    ),
    Case(
        "drop_columns_of_other_kinds",
        f"{NAME}\na: Mapped[float]\nb: Mapped[UUID]\nc: Mapped[bytes]\nd: Mapped[dict[str, Any]]",
        NAME,
        later={"drop_columns_of_other_kinds (id, name)": AB},
        lint=DROP,
    ),
]
