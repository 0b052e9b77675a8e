"""The corpus, continued: SQL with colons, quotes and lines, defaults that databases rewrite, native enums."""

from dataclasses import replace

from .corpus import AB, NAME, Case
from .findings import ALL, ALTER, DROP, INDEX

SERVERS = ("postgresql", "mariadb", "mysql")
NUMBER = "\nn: Mapped[{kind}]\n"
MOOD = 'class {table}Mood(StrEnum):\n    GOOD = "it\'s :good"\n    BAD = "bad"\n{more}\n\n'


def indexed(name: str, condition: str, *, expression: str = '"name"') -> str:
    """A table with a partial index."""
    return (
        f"{NAME}\n__table_args__ = (Index({name + '_ix'!r}, {expression}, "
        f"postgresql_where=text({condition!r}), sqlite_where=text({condition!r})),)"
    )


def computed(kind: str, expression: str, number: str, column: str = "total") -> str:
    """A table with a computed column, and a column that becomes NOT NULL."""
    python = "str" if kind.startswith("String") else "Decimal"
    return f"{NAME}{NUMBER.format(kind=number)}" + (
        f"{column}: Mapped[{python} | None] = mapped_column({kind}, Computed({expression!r}, persisted=True))"
    )


def copied(name: str, kind: str, expression: str, value: object, column: str = "total") -> Case:
    """SQLite copies a table with a computed column."""
    return Case(
        name,
        computed(kind, expression, "int | None", column),
        computed(kind, expression, "int", column),
        rows={f"{name} (id, name, n)": [(1, "a", 4)]},
        query=f'SELECT id, "{column}" FROM {name}',
        expect=[(1, value)],
        defaults={f"{name}.n": "1"},
        lint={ALL: {"migrations.W102"}},
        databases=("sqlite",),
    )


def mood(name: str, column: str = "", more: str = "") -> str:
    """A table with an enum's column, or without."""
    table = "".join(part.title() for part in name.split("_"))
    column = column.replace("Mood", f"{table}Mood")
    return MOOD.format(table=table, more=more) + (
        f'class {table}(Row):\n    __tablename__ = "{name}"\n\n    {NAME}\n    {column}\n'
    )


NATIVE = (
    "mood: Mapped[Mood] = mapped_column(Enum(Mood, values_callable=lambda e: [m.value for m in e]"
    ', name="mood_of_{name}"))'
)
BY_VALUE = "mood: Mapped[Mood]"


def native(name: str) -> str:
    return mood(name, NATIVE.format(name=name))


def default(name: str, kind: str, value: str, expect: object = None) -> Case:
    """A new column with a server default."""
    return Case(
        name,
        NAME,
        f"{NAME}\nvalue: Mapped[{kind}] = mapped_column(server_default={value})",
        rows={f"{name} (id, name)": [(1, "a")]},
        query=f"SELECT value FROM {name}" if expect is not None else "",
        expect=[(expect,)],
    )


def referring(name: str, column: str) -> str:
    """A table that refers to another one."""
    table = "".join(part.title() for part in name.split("_"))
    return (
        f'class {table}Parent(Row):\n    __tablename__ = "{name}_parent"\n\n\n'
        f'class {table}(Row):\n    __tablename__ = "{name}"\n\n    {column}\n'
    )


def keyed(name: str, kind: str) -> str:
    """A table whose key the database generates as an identity."""
    table = "".join(part.title() for part in name.split("_"))
    return (
        f'class {table}(Base):\n    __tablename__ = "{name}"\n\n'
        f"    id: Mapped[int] = mapped_column({kind}Identity(), primary_key=True)\n    {NAME}\n"
    )


def sharing(name: str, owner: str) -> str:
    """Two tables, one of which has an index."""
    title = "".join(part.title() for part in name.split("_"))
    index = f'    __table_args__ = (Index("{name}_ix", "name"),)\n'
    return "\n\n".join(
        f'class {title}{other}(Row):\n    __tablename__ = "{name}{other.lower()}"\n\n    {NAME}\n'
        + (index if other == owner else "")
        for other in ("", "Other")
    )


def generated(name: str, before: str, after: str) -> Case:
    """A key is generated in another way on PostgreSQL, and continues after the last one."""
    table = keyed(name, "{}").replace("Identity(), ", "")
    return Case(
        name,
        table.format(before),
        table.format(after),
        rows={f"{name} (name)": [("a",)]},
        later={f"{name} (name)": [("b",), ("c",)]},
        databases=("postgresql",),
    )


def expressions(name: str, before: str, after: str, databases: tuple[str, ...] = SERVERS) -> Case:
    """The expressions of an index change."""
    table = f"{NAME}\nn: Mapped[int]\n__table_args__ = (Index('{name}_ix', text(\"{{}}\")),)"
    return Case(name, table.format(before), table.format(after), lint=INDEX, databases=databases)


COLON = r"name <> ' \:word' AND name <> 'a\:b'"
TEXTS = [
    Case("drop_index_with_colon", indexed("drop_index_with_colon", COLON), NAME),
    Case(
        "change_index_with_colon",
        indexed("change_index_with_colon", COLON),
        indexed("change_index_with_colon", COLON.replace("word", "other")),
        lint=INDEX,
    ),
    Case(
        "drop_expression_with_colon",
        indexed("drop_expression_with_colon", COLON, expression=r'text("(name || \' \\:word\')")'),
        NAME,
        databases=("postgresql",),
    ),
    copied("copy_computed_number", "Numeric(10, 2)", "n * 2", 8),
    copied("copy_computed_lines", "Numeric(10, 2)", "abs(n)\n * (2)", 8),
    copied("copy_computed_text", "String(80)", r"name || ' \:word, 5%'", "a :word, 5%"),
    copied("copy_computed_desc", "Numeric(10, 2)", "n * 2", 8, "desc"),
    Case(
        "rename_and_narrow_enum",
        mood("rename_and_narrow_enum", BY_VALUE),
        mood("rename_and_narrow_enum", "state: Mapped[Mood]").replace('"bad"', '"worse"'),
        rows={"rename_and_narrow_enum (id, name, mood)": [(1, "a", "bad")]},
        query="SELECT state FROM rename_and_narrow_enum",
        expect=[("worse",)],
        renames={"rename_and_narrow_enum.mood": "rename_and_narrow_enum.state"},
        defaults={"rename_and_narrow_enum.state": "worse"},
        lint={ALL: {"migrations.W105"}, "postgresql": {"migrations.W105", "migrations.W110"}},
    ),
    Case(
        "drop_native_enum_with_text",
        native("drop_native_enum_with_text"),
        mood("drop_native_enum_with_text"),
        lint=DROP,
    ),
    Case(
        "native_enum_to_texts",
        native("native_enum_to_texts"),
        mood("native_enum_to_texts", BY_VALUE),
        rows={"native_enum_to_texts (id, name, mood)": [(1, "a", "bad")]},
        query="SELECT mood FROM native_enum_to_texts",
        expect=[("bad",)],
        lint={
            ALL: {"migrations.W107"},
            "postgresql": {"migrations.W107", "migrations.W110"},
        },
    ),
    Case(
        "native_enum_is_left",
        native("native_enum_is_left"),
        mood("native_enum_is_left", BY_VALUE),
        query="SELECT column_type FROM information_schema.columns WHERE table_schema = DATABASE() "
        "AND table_name = 'native_enum_is_left' AND column_name = 'mood'",
        expect=[("varchar(32)",)],
        databases=("mariadb", "mysql"),
        lint=ALTER,
    ),
    Case(
        "texts_to_native_enum",
        mood("texts_to_native_enum", BY_VALUE),
        native("texts_to_native_enum"),
        rows={"texts_to_native_enum (id, name, mood)": [(1, "a", "bad")]},
        query="SELECT mood FROM texts_to_native_enum",
        expect=[("bad",)],
        defaults={"texts_to_native_enum.mood": "cast"},
        databases=SERVERS,
        lint=ALTER,
    ),
    Case(
        "native_enum_gains_value",
        native("native_enum_gains_value"),
        mood(
            "native_enum_gains_value",
            NATIVE.format(name="native_enum_gains_value"),
            '    LONG = "longer than the others"\n',
        ),
        query="SELECT data_type FROM information_schema.columns WHERE table_schema = DATABASE() "
        "AND table_name = 'native_enum_gains_value' AND column_name = 'mood'",
        expect=[("enum",)],
        databases=("mariadb", "mysql"),
        lint=ALTER,
    ),
    Case(
        "wider_identity",
        keyed("wider_identity", ""),
        keyed("wider_identity", "BigInteger, "),
        rows={"wider_identity (name)": [("a",)]},
        later={"wider_identity (name)": [("b",)]},
        databases=SERVERS,
        lint=ALTER,
    ),
    generated("identity_in_place_of_serial", "", "Identity(), "),
    generated("serial_in_place_of_identity", "BigInteger, Identity(always=True), ", "BigInteger, "),
    generated("identity_in_place_of_default", "server_default='7', ", "Identity(start=8), "),
    generated("identity_counts_in_steps", "Identity(), ", "Identity(increment=5, cycle=True), "),
    default("default_of_lines", "str", r'"a\nb"', "a\nb"),
    default("default_of_no_text", "str", '""', ""),
    default("default_in_quotes", "str", "\"'draft'\"", "'draft'"),
    default("default_of_quote", "str", '"\'"', "'"),
    default("default_with_percent", "str", "text(\"'50%'\")", "50%"),
    default("default_of_boolean", "bool", "true()"),
    default("default_of_date", "date", '"2024-01-02"'),
    default("default_of_brackets", "int", "text('((1+1)*2)')", 4),
    replace(
        default("default_of_function", "str", """text("(concat('a', ')', '(b'))")""", "a)(b"),
        databases=SERVERS,
    ),
    Case(
        "widen_with_default_of_brackets",
        f"{NAME}\nn: Mapped[int] = mapped_column(server_default=text('((1+1)*2)'))",
        f"{NAME}\nn: Mapped[int] = mapped_column(BigInteger, server_default=text('((1+1)*2)'))",
        later={"widen_with_default_of_brackets (id, name)": AB},
        lint=ALTER,
    ),
    expressions("index_that_descends", "name DESC", "n DESC"),
    expressions("index_of_sum", "(n + 1*2)", "(n + 1*3)", ("postgresql",)),
    replace(
        expressions("index_of_product", "(n + 1*2)", "(n + 1*3)", ("mysql",)),
        query="SELECT DISTINCT expression FROM information_schema.statistics "
        "WHERE index_name = 'index_of_product_ix' AND table_schema = DATABASE()",
        expect=[("(`n` + (1 * 3))",)],
    ),
    expressions(
        "index_of_texts",
        "(concat(name, ' \\\\:x it''s 5%')), name",
        "(concat(name, ' \\\\:y it''s 5%')), name",
        ("mysql",),
    ),
    Case(
        "index_name_moves",
        sharing("index_name_moves", "Other"),
        sharing("index_name_moves", ""),
        databases=("sqlite", "postgresql"),
        lint=INDEX,
    ),
    Case(
        "comment_of_computed",
        f"{computed('Numeric(10, 2)', 'n * 2', 'int')[:-1]}, comment='a')",
        f"{computed('Numeric(10, 2)', 'n * 2', 'int')[:-1]}, comment='b')",
        rows={"comment_of_computed (id, name, n)": [(1, "a", 4)]},
        query="SELECT total FROM comment_of_computed",
        expect=[(8,)],
        databases=SERVERS,
        lint={ALL: {"migrations.W103"}, "postgresql": set()},
    ),
    Case(
        "condition_of_lines",
        indexed("condition_of_lines", "id > 0\n AND  name <> 'a  b'\n AND id < 9"),
        indexed("condition_of_lines", "id > 0\n AND  name <> 'a  b'\n AND id < 8"),
        rows={"condition_of_lines (id, name)": AB},
        lint=INDEX,
        databases=("sqlite", "postgresql"),
    ),
    Case(
        "rename_and_change_reference",
        referring(
            "rename_and_change_reference",
            'a_id: Mapped[int] = mapped_column(ForeignKey("rename_and_change_reference_parent.id"))',
        ),
        referring(
            "rename_and_change_reference",
            "b_id: Mapped[int] = mapped_column("
            'ForeignKey("rename_and_change_reference_parent.id", ondelete="CASCADE"), index=True)',
        ),
        rows={
            "rename_and_change_reference_parent (id)": [(1,)],
            "rename_and_change_reference (id, a_id)": [(1, 1)],
        },
        query="SELECT b_id FROM rename_and_change_reference",
        expect=[(1,)],
        renames={"rename_and_change_reference.a_id": "rename_and_change_reference.b_id"},
        lint={
            ALL: {"migrations.W105"},
            "postgresql": {"migrations.W105", "migrations.W108", "migrations.W109"},
        },
    ),
    Case(
        "index_in_place_of_reference",
        referring(
            "index_in_place_of_reference",
            'a_id: Mapped[int] = mapped_column(ForeignKey("index_in_place_of_reference_parent.id"))',
        ),
        referring("index_in_place_of_reference", "a_id: Mapped[int] = mapped_column(index=True)"),
        lint=INDEX,
    ),
]
