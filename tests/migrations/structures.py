"""The corpus, continued: enums, indexes, constraints, references and whole tables."""

from typing import Any

from .corpus import AB, NAME, Case, same
from .findings import ALL, CHECK, DROP, FOREIGN_KEY, INDEX, RENAME, UNIQUE


def enum(table: str, *values: str) -> str:
    """A table with an enum of these values."""
    name = "".join(part.title() for part in table.split("_"))
    members = "\n".join(f'    {value.upper()} = "{value}"' for value in values)
    return (
        f"class {name}State(StrEnum):\n{members}\n\n\n"
        f'class {name}(Row):\n    __tablename__ = "{table}"\n\n'
        f"    state: Mapped[{name}State] = mapped_column(enum_by_value({name}State))\n"
    )


def trimmed(table: str, *columns: str) -> str:
    """A table, beside a column type of the app's own."""
    name = "".join(part.title() for part in table.split("_"))
    return (
        "class Trimmed(TypeDecorator[str]):\n    impl = String(40)\n    cache_ok = True\n\n\n"
        f'class {name}(Row):\n    __tablename__ = "{table}"\n\n    ' + "\n    ".join(columns) + "\n"
    )


def pair(table: str, child: str, parent: str = "") -> str:
    """A table that others refer to, and one that does."""
    name = "".join(part.title() for part in table.split("_"))
    own = f"    {parent}\n" if parent else ""
    return (
        f'class {name}Parent(Row):\n    __tablename__ = "{table}_parent"\n\n    {NAME}\n{own}\n\n'
        f'class {name}(Row):\n    __tablename__ = "{table}"\n\n    {child}\n'
    )


def key(table: str, *, options: str = "", index: bool = False) -> str:
    """A column that refers to the parent."""
    more = ", index=True" if index else ""
    return f'parent_id: Mapped[int] = mapped_column(ForeignKey("{table}_parent.id"{options}){more})'


def family(table: str) -> dict[str, Any]:
    """Two parents with a child each."""
    return {
        "rows": {
            f"{table}_parent (id, name)": AB,
            f"{table} (id, parent_id)": [(10, 1), (20, 2)],
        },
        "query": f"SELECT id, parent_id FROM {table} ORDER BY id",
        "expect": [(10, 1), (20, 2)],
    }


CONSTRAINTS = [
    Case(
        "enum_gains_value",
        enum("enum_gains_value", "draft", "live"),
        enum("enum_gains_value", "draft", "live", "gone"),
        rows={"enum_gains_value (id, state)": [(1, "draft"), (2, "live")]},
        query="SELECT id, state FROM enum_gains_value ORDER BY id",
        expect=[(1, "draft"), (2, "live")],
        lint=CHECK,
    ),
    Case(
        "enum_loses_value",
        enum("enum_loses_value", "draft", "live", "gone"),
        enum("enum_loses_value", "draft", "live"),
        rows={"enum_loses_value (id, state)": [(1, "draft"), (2, "gone")]},
        query="SELECT id, state FROM enum_loses_value ORDER BY id",
        expect=[(1, "draft"), (2, "live")],
        defaults={"enum_loses_value.state": "live"},
        lint=CHECK,
    ),
    Case(
        "enum_renames_value",
        enum("enum_renames_value", "draft", "live"),
        enum("enum_renames_value", "draft", "published"),
        rows={"enum_renames_value (id, state)": [(1, "draft"), (2, "live")]},
        query="SELECT id, state FROM enum_renames_value ORDER BY id",
        expect=[(1, "draft"), (2, "published")],
        defaults={"enum_renames_value.state": "published"},
        lint=CHECK,
    ),
    Case(
        "rename_enum_column",
        enum("rename_enum_column", "draft", "live"),
        enum("rename_enum_column", "draft", "live").replace(" state:", " status:"),
        rows={"rename_enum_column (id, state)": [(1, "draft"), (2, "live")]},
        query="SELECT id, status FROM rename_enum_column ORDER BY id",
        expect=[(1, "draft"), (2, "live")],
        renames={"rename_enum_column.state": "rename_enum_column.status"},
        lint=RENAME,
    ),
    Case(
        "drop_enum_column",
        enum("drop_enum_column", "draft", "live") + f"    {NAME}\n",
        enum("drop_enum_column", "draft", "live").partition("    state:")[0] + f"    {NAME}\n",
        rows={"drop_enum_column (id, state, name)": [(1, "draft", "a"), (2, "live", "b")]},
        query="SELECT id, name FROM drop_enum_column ORDER BY id",
        expect=AB,
        lint=DROP,
    ),
    Case(
        "add_check",
        "n: Mapped[int]",
        'n: Mapped[int]\n__table_args__ = (CheckConstraint("n > 0 AND n BETWEEN 1 AND 9", name="small"),)',
        rows={"add_check (id, n)": [(1, 5)]},
        query="SELECT id, n FROM add_check",
        expect=[(1, 5)],
        lint=CHECK,
    ),
    Case(
        "change_check",
        'n: Mapped[int]\n__table_args__ = (CheckConstraint("n > 0", name="bounds"),)',
        'n: Mapped[int]\n__table_args__ = (CheckConstraint("n >= 0", name="bounds"),)',
        rows={"change_check (id, n)": [(1, 5)]},
        query="SELECT id, n FROM change_check",
        expect=[(1, 5)],
        lint=CHECK,
    ),
    Case(
        "set_server_default_with_quote",
        NAME,
        'name: Mapped[str] = mapped_column(String(40), server_default="it\'s")',
        **same("set_server_default_with_quote"),
    ),
    Case(
        "add_check_with_percent",
        f"n: Mapped[int]\n{NAME}",
        f"n: Mapped[int]\n{NAME}\n"
        '__table_args__ = (CheckConstraint("n % 2 = 0 AND name LIKE \'a%\'", name="even"),)',
        rows={"add_check_with_percent (id, n, name)": [(1, 4, "ab")]},
        query="SELECT id, n, name FROM add_check_with_percent",
        expect=[(1, 4, "ab")],
        lint=CHECK,
    ),
    Case(
        "drop_check",
        'n: Mapped[int]\n__table_args__ = (CheckConstraint("n > 0", name="positive"),)',
        "n: Mapped[int]",
        rows={"drop_check (id, n)": [(1, 5)]},
        query="SELECT id, n FROM drop_check",
        expect=[(1, 5)],
    ),
    Case(
        "rename_checked_column",
        'n: Mapped[int]\n__table_args__ = (CheckConstraint("n > 0", name="positive"),)',
        'amount: Mapped[int]\n__table_args__ = (CheckConstraint("amount > 0", name="positive"),)',
        rows={"rename_checked_column (id, n)": [(1, 5)]},
        query="SELECT id, amount FROM rename_checked_column",
        expect=[(1, 5)],
        renames={"rename_checked_column.n": "rename_checked_column.amount"},
        lint=RENAME,
    ),
    Case(
        "add_index",
        NAME,
        "name: Mapped[str] = mapped_column(String(40), index=True)",
        **same("add_index"),
        lint=INDEX,
    ),
    Case(
        "drop_index",
        "name: Mapped[str] = mapped_column(String(40), index=True)",
        NAME,
        **same("drop_index"),
    ),
    Case(
        "widen_index",
        NAME + '\nn: Mapped[int]\n__table_args__ = (Index(None, "name"),)',
        NAME + '\nn: Mapped[int]\n__table_args__ = (Index(None, "name", "n"),)',
        rows={"widen_index (id, name, n)": [(1, "a", 1)]},
        query="SELECT id, name, n FROM widen_index",
        expect=[(1, "a", 1)],
        lint=INDEX,
    ),
    Case(
        "add_unique",
        NAME,
        "name: Mapped[str] = mapped_column(String(40), unique=True)",
        **same("add_unique"),
        lint=UNIQUE,
    ),
    Case(
        "drop_unique",
        "name: Mapped[str] = mapped_column(String(40), unique=True)",
        NAME,
        **same("drop_unique"),
    ),
    Case(
        "widen_unique",
        NAME + '\nn: Mapped[int]\n__table_args__ = (UniqueConstraint("name"),)',
        NAME + '\nn: Mapped[int]\n__table_args__ = (UniqueConstraint("name", "n"),)',
        rows={"widen_unique (id, name, n)": [(1, "a", 1)]},
        query="SELECT id, name, n FROM widen_unique",
        expect=[(1, "a", 1)],
        lint=UNIQUE,
    ),
]

REFERENCES = [
    Case(
        "add_foreign_key",
        pair("add_foreign_key", "parent_id: Mapped[int]"),
        pair("add_foreign_key", key("add_foreign_key")),
        **family("add_foreign_key"),
        lint=FOREIGN_KEY,
    ),
    Case(
        "drop_foreign_key",
        pair("drop_foreign_key", key("drop_foreign_key")),
        pair("drop_foreign_key", "parent_id: Mapped[int]"),
        **family("drop_foreign_key"),
    ),
    Case(
        "change_on_delete",
        pair("change_on_delete", key("change_on_delete", index=True)),
        pair(
            "change_on_delete", key("change_on_delete", options=', ondelete="CASCADE"', index=True)
        ),
        **family("change_on_delete"),
        lint=FOREIGN_KEY,
    ),
    Case(
        "index_foreign_key",
        pair("index_foreign_key", key("index_foreign_key")),
        pair("index_foreign_key", key("index_foreign_key", index=True)),
        **family("index_foreign_key"),
        lint=INDEX,
    ),
    Case(
        "unindex_foreign_key",
        pair("unindex_foreign_key", key("unindex_foreign_key", index=True)),
        pair("unindex_foreign_key", key("unindex_foreign_key")),
        **family("unindex_foreign_key"),
    ),
    Case(
        "add_reference",
        pair("add_reference", NAME),
        pair("add_reference", NAME + "\n    " + key("add_reference", index=True)),
        rows={"add_reference_parent (id, name)": AB, "add_reference (id, name)": AB},
        query="SELECT id, name, parent_id FROM add_reference ORDER BY id",
        expect=[(1, "a", 2), (2, "b", 2)],
        defaults={"add_reference.parent_id": "sql:(SELECT max(id) FROM add_reference_parent)"},
        lint={
            ALL: {"migrations.W101"},
            "postgresql": {"migrations.W101", "migrations.W108", "migrations.W109"},
        },
    ),
    Case(
        "drop_reference",
        pair(
            "drop_reference",
            NAME + "\n    " + key("drop_reference", index=True).replace("[int]", "[int | None]"),
        ),
        pair("drop_reference", NAME),
        rows={
            "drop_reference_parent (id, name)": AB,
            "drop_reference (id, name, parent_id)": [(1, "a", 1), (2, "b", 2)],
        },
        query="SELECT id, name FROM drop_reference ORDER BY id",
        expect=AB,
        lint=DROP,
    ),
    Case(
        "rename_reference",
        pair("rename_reference", key("rename_reference", index=True)),
        pair(
            "rename_reference",
            key("rename_reference", index=True).replace("parent_id:", "owner_id:"),
        ),
        rows={
            "rename_reference_parent (id, name)": AB,
            "rename_reference (id, parent_id)": [(10, 1), (20, 2)],
        },
        query="SELECT id, owner_id FROM rename_reference ORDER BY id",
        expect=[(10, 1), (20, 2)],
        renames={"rename_reference.parent_id": "rename_reference.owner_id"},
        lint=RENAME,
    ),
    Case(
        "alter_parent_of_cascade",
        pair(
            "alter_parent_of_cascade",
            key("alter_parent_of_cascade", options=', ondelete="CASCADE"'),
            "note: Mapped[str | None] = mapped_column(String(9))",
        ),
        pair(
            "alter_parent_of_cascade",
            key("alter_parent_of_cascade", options=', ondelete="CASCADE"'),
            'note: Mapped[str] = mapped_column(String(9), server_default="-")',
        ),
        **family("alter_parent_of_cascade"),
        defaults={"alter_parent_of_cascade_parent.note": "none"},
        lint={ALL: {"migrations.W102"}},
    ),
    Case(
        "alter_self_reference",
        'up: Mapped[int | None] = mapped_column(ForeignKey("alter_self_reference.id", ondelete="CASCADE"))\n'
        "name: Mapped[str | None] = mapped_column(String(40))",
        'up: Mapped[int | None] = mapped_column(ForeignKey("alter_self_reference.id", ondelete="CASCADE"))\n'
        + NAME,
        rows={"alter_self_reference (id, up, name)": [(1, None, "a"), (2, 1, "b"), (3, 2, None)]},
        query="SELECT id, up, name FROM alter_self_reference ORDER BY id",
        expect=[(1, None, "a"), (2, 1, "b"), (3, 2, "c")],
        defaults={"alter_self_reference.name": "c"},
        lint={ALL: {"migrations.W102"}},
    ),
    Case(
        "add_many_to_many",
        pair("add_many_to_many", NAME),
        pair("add_many_to_many", NAME) + "\n\nadd_many_to_many_links = Table(\n"
        '    "add_many_to_many_links",\n    Base.metadata,\n'
        '    Column("left", ForeignKey("add_many_to_many.id"), primary_key=True),\n'
        '    Column("right", ForeignKey("add_many_to_many_parent.id"), primary_key=True, index=True),\n)\n',
        rows={"add_many_to_many_parent (id, name)": AB, "add_many_to_many (id, name)": AB},
        query="SELECT id, name FROM add_many_to_many ORDER BY id",
        expect=AB,
    ),
]

TABLES = [
    Case(
        "type_of_its_own",
        trimmed("type_of_its_own", NAME),
        trimmed("type_of_its_own", NAME, "nick: Mapped[str | None] = mapped_column(Trimmed())"),
        rows={"type_of_its_own (id, name)": AB},
        query="SELECT id, name, nick FROM type_of_its_own ORDER BY id",
        expect=[(1, "a", None), (2, "b", None)],
    ),
    Case(
        "rename_table",
        pair("rename_table", key("rename_table", index=True)),
        pair("rename_table", key("rename_table", index=True))
        .replace('"rename_table"', '"renamed_table"')
        .replace("rename_table_parent", "renamed_table_parent"),
        rows={"rename_table_parent (id, name)": AB, "rename_table (id, parent_id)": [(10, 1)]},
        query="SELECT t.id, p.name FROM renamed_table t JOIN renamed_table_parent p ON p.id = t.parent_id",
        expect=[(10, "a")],
        renames={"rename_table": "renamed_table", "rename_table_parent": "renamed_table_parent"},
        lint={ALL: {"migrations.W106"}},
    ),
    Case(
        "rename_table_and_column",
        f'class Goods(Row):\n    __tablename__ = "goods"\n\n    {NAME}\n',
        'class Goods(Row):\n    __tablename__ = "wares"\n\n'
        "    title: Mapped[str] = mapped_column(String(40), unique=True)\n",
        rows={"goods (id, name)": AB},
        query="SELECT id, title FROM wares ORDER BY id",
        expect=AB,
        renames={"goods": "wares", "goods.name": "wares.title"},
        lint={
            ALL: {"migrations.W105", "migrations.W106"},
            "postgresql": {"migrations.W105", "migrations.W106", "migrations.W111"},
        },
    ),
    Case(
        "add_table",
        "",
        "name: Mapped[str] = mapped_column(String(40), index=True)",
    ),
    Case(
        "add_tables_that_refer_to_each_other",
        "",
        "\n\n".join(
            f'class {name}(Row):\n    __tablename__ = "mutual_{table}"\n\n'
            f'    other_id: Mapped[int | None] = mapped_column(ForeignKey("mutual_{other}.id"{option}))\n'
            for name, table, other, option in (
                ("MutualA", "a", "b", ""),
                ("MutualB", "b", "a", ", use_alter=True"),
            )
        ),
    ),
    Case(
        "drop_table",
        NAME,
        "",
        rows={"drop_table (id, name)": AB},
        renames={"drop_table": ""},
        lint={ALL: {"migrations.W104"}},
    ),
    Case(
        "drop_family",
        pair("drop_family", key("drop_family", index=True)),
        "",
        rows={"drop_family_parent (id, name)": AB, "drop_family (id, parent_id)": [(10, 1)]},
        renames={"drop_family": "", "drop_family_parent": ""},
        lint={ALL: {"migrations.W104"}},
    ),
]
