"""The corpus, continued: SQL with colons, quotes and lines, defaults that databases rewrite, native enums."""

from .corpus import NAME, Case
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
            ALL: set(),
            "sqlite": {"migrations.W107"},
            "postgresql": {"migrations.W107", "migrations.W110"},
        },
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
    default("default_of_lines", "str", r'"a\nb"', "a\nb"),
    default("default_of_no_text", "str", '""', ""),
    default("default_in_quotes", "str", "\"'draft'\"", "'draft'"),
    default("default_of_quote", "str", '"\'"', "'"),
    default("default_with_percent", "str", "text(\"'50%'\")", "50%"),
    default("default_of_boolean", "bool", "true()"),
    default("default_of_date", "date", '"2024-01-02"'),
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
