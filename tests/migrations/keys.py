"""The corpus, continued: primary keys, keys that change their type, and columns that come back."""

from typing import Any

from .corpus import AB, NAME, Case
from .findings import ALL, ALTER, DROP, RENAME
from .structures import key, pair

CODE = "code: Mapped[str] = mapped_column(String(9){})"
KEYLESS = 'class {name}(Base):\n    __tablename__ = "{table}"\n\n    {columns}\n'


def table(name: str, *columns: str) -> str:
    """A table with exactly these columns."""
    title = "".join(part.title() for part in name.split("_"))
    return KEYLESS.format(name=title, table=name, columns="\n    ".join(columns))


ID = "id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)"
UID = "id: Mapped[UUID] = mapped_column(primary_key=True)"
HEX = "0123456789ab4def8123456789abcde"

PRIMARY_KEYS = [
    Case(
        "key_from_id_to_code",
        table("key_from_id_to_code", ID, CODE.format("")),
        table("key_from_id_to_code", CODE.format(", primary_key=True")),
        rows={"key_from_id_to_code (id, code)": AB},
        query="SELECT code FROM key_from_id_to_code ORDER BY code",
        expect=[("a",), ("b",)],
        lint=DROP,
    ),
    Case(
        "key_from_uuid_to_code",
        table("key_from_uuid_to_code", UID, CODE.format("")),
        table("key_from_uuid_to_code", CODE.format(", primary_key=True")),
        rows={"key_from_uuid_to_code (id, code)": [(f"{HEX}1", "a"), (f"{HEX}2", "b")]},
        query="SELECT code FROM key_from_uuid_to_code ORDER BY code",
        expect=[("a",), ("b",)],
        lint=DROP,
    ),
    Case(
        "key_gains_column",
        table("key_gains_column", ID, CODE.format("")),
        table("key_gains_column", ID, CODE.format(", primary_key=True")),
        rows={"key_gains_column (id, code)": AB},
        query="SELECT id, code FROM key_gains_column ORDER BY id",
        expect=AB,
    ),
    Case(
        "key_loses_column",
        table("key_loses_column", ID, CODE.format(", primary_key=True")),
        table("key_loses_column", ID, CODE.format("").replace("[str]", "[str | None]")),
        rows={"key_loses_column (id, code)": AB},
        query="SELECT id, code FROM key_loses_column ORDER BY id",
        expect=AB,
    ),
    Case(
        "key_gains_new_column",
        table("key_gains_new_column", ID),
        table("key_gains_new_column", ID, CODE.format(", primary_key=True")),
        rows={"key_gains_new_column (id)": [(1,), (2,)]},
        query="SELECT id, code FROM key_gains_new_column ORDER BY id",
        expect=[(1, "x"), (2, "x")],
        defaults={"key_gains_new_column.code": "x"},
        lint={ALL: {"migrations.W101"}},
    ),
]

REFERRED = (
    'class {name}Parent(Base):\n    __tablename__ = "{table}_parent"\n\n'
    "    id: Mapped[{kind}] = mapped_column({type}primary_key=True, autoincrement=False)\n"
    "    code: Mapped[{kind}] = mapped_column({type}unique=True)\n\n\n"
    'class {name}(Row):\n    __tablename__ = "{table}"\n\n'
    '    parent_id: Mapped[{kind}] = mapped_column({type}ForeignKey("{table}_parent.id", ondelete="CASCADE"))\n'
    '    parent_code: Mapped[{kind}] = mapped_column({type}ForeignKey("{table}_parent.code"))\n'
)


def referred(table: str, kind: str, type: str) -> str:
    """A table whose two keys another one refers to."""
    name = "".join(part.title() for part in table.split("_"))
    return REFERRED.format(name=name, table=table, kind=kind, type=type)


def retyped(name: str, before: tuple[str, str], after: tuple[str, str], **more: Any) -> Case:
    """Both keys, and what refers to them, get another type."""
    quoted = before[0] == "str"
    one, two = ("1", "2") if quoted else (1, 2)
    got = ("1", "2") if after[0] == "str" else (1, 2)
    return Case(
        name,
        referred(name, *before),
        referred(name, *after),
        rows={
            f"{name}_parent (id, code)": [(one, two)],
            f"{name} (id, parent_id, parent_code)": [(5, one, two)],
        },
        query=f"SELECT parent_id, parent_code FROM {name}",
        expect=[got],
        **more,
    )


FOREIGN = {ALL: {"migrations.W107"}, "postgresql": {"migrations.W107", "migrations.W109"}}
GENERATED = """class GeneratedKey(Base):
    __tablename__ = "generated_key"

    id: Mapped[int] = mapped_column({}primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
"""

TYPES_OF_KEYS = [
    Case(
        "generated_key",
        GENERATED.format(""),
        GENERATED.format("BigInteger, "),
        rows={"generated_key (name)": [("a",)]},
        query="SELECT data_type FROM information_schema.sequences "
        "WHERE sequence_name = 'generated_key_id_seq'",
        expect=[("bigint",)],
        lint=ALTER,
        databases=("postgresql",),
    ),
    retyped("key_int_to_bigint", ("int", ""), ("int", "BigInteger, "), lint=ALTER),
    retyped(
        "key_widens",
        ("str", "String(9), "),
        ("str", "String(20), "),
        lint={**ALTER, "postgresql": set()},
    ),
    retyped("key_int_to_str", ("int", ""), ("str", "String(20), "), lint=FOREIGN),
    retyped(
        "key_str_to_int",
        ("str", "String(20), "),
        ("int", ""),
        defaults=dict.fromkeys(
            [
                f"key_str_to_int{column}"
                for column in (".parent_id", ".parent_code", "_parent.id", "_parent.code")
            ],
            "cast",
        ),
        lint=FOREIGN,
    ),
    Case(
        "rename_referred_unique",
        pair(
            "rename_referred_unique",
            'parent_code: Mapped[str] = mapped_column(ForeignKey("rename_referred_unique_parent.code"))',
            CODE.format(", unique=True"),
        ),
        pair(
            "rename_referred_unique",
            'parent_code: Mapped[str] = mapped_column(ForeignKey("rename_referred_unique_parent.sku"))',
            CODE.format(", unique=True").replace("code", "sku"),
        ),
        rows={
            "rename_referred_unique_parent (id, name, code)": [(1, "a", "x")],
            "rename_referred_unique (id, parent_code)": [(5, "x")],
        },
        query="SELECT c.parent_code, p.sku FROM rename_referred_unique c "
        "JOIN rename_referred_unique_parent p ON p.sku = c.parent_code",
        expect=[("x", "x")],
        renames={"rename_referred_unique_parent.code": "rename_referred_unique_parent.sku"},
        lint=RENAME,
    ),
]

BACK = [
    Case(
        "drop_required_reference",
        pair("drop_required_reference", NAME + "\n    " + key("drop_required_reference")),
        pair("drop_required_reference", NAME),
        rows={
            "drop_required_reference_parent (id, name)": AB,
            "drop_required_reference (id, name, parent_id)": [(1, "a", 1), (2, "b", 2)],
        },
        query="SELECT id, name FROM drop_required_reference ORDER BY id",
        expect=AB,
        lint=DROP,
    ),
    Case(
        "drop_required_self_reference",
        NAME + '\nup: Mapped[int] = mapped_column(ForeignKey("drop_required_self_reference.id"))',
        NAME,
        rows={"drop_required_self_reference (id, name, up)": [(1, "a", 1), (2, "b", 1)]},
        query="SELECT id, name FROM drop_required_self_reference ORDER BY id",
        expect=AB,
        lint=DROP,
    ),
    Case(
        "drop_required_one_to_one",
        pair(
            "drop_required_one_to_one",
            NAME + "\n    " + key("drop_required_one_to_one"),
        ).replace('_parent.id"))', '_parent.id"), unique=True)'),
        pair("drop_required_one_to_one", NAME),
        rows={
            "drop_required_one_to_one_parent (id, name)": AB,
            "drop_required_one_to_one (id, name, parent_id)": [(1, "a", 2), (2, "b", 1)],
        },
        query="SELECT id, name FROM drop_required_one_to_one ORDER BY id",
        expect=AB,
        lint=DROP,
    ),
    *(
        Case(
            f"drop_unique_{kind.lower()}",
            NAME + f"\nextra: Mapped[{kind}] = mapped_column({options}unique=True)",
            NAME,
            rows={
                f"drop_unique_{kind.lower()} (id, name, extra)": [(1, "a", first), (2, "b", second)]
            },
            query=f"SELECT id, name FROM drop_unique_{kind.lower()} ORDER BY id",
            expect=AB,
            lint=DROP,
        )
        for kind, options, first, second in (
            ("str", "String(9), ", "x", "y"),
            ("int", "", 5, 6),
            ("UUID", "", f"{HEX}1", f"{HEX}2"),
            ("date", "", "2024-01-01", "2024-01-02"),
            ("datetime", "", "2024-01-01 00:00:00", "2024-01-02 00:00:00"),
            ("Decimal", "ExactDecimal(10, 2), ", 5, 6),
        )
    ),
    Case(
        "drop_column_of_unique",
        NAME + '\nextra: Mapped[int]\n__table_args__ = (UniqueConstraint("name", "extra"),)',
        NAME,
        rows={"drop_column_of_unique (id, name, extra)": [(1, "a", 5), (2, "a", 6)]},
        query="SELECT id, name FROM drop_column_of_unique ORDER BY id",
        expect=[(1, "a"), (2, "a")],
        lint=DROP,
    ),
    Case(
        "forbid_null_with_default",
        "n: Mapped[int | None]",
        "n: Mapped[int] = mapped_column(default=7)",
        rows={"forbid_null_with_default (id, n)": [(1, 1), (2, None)]},
        query="SELECT id, n FROM forbid_null_with_default ORDER BY id",
        expect=[(1, 1), (2, 7)],
        lint={ALL: {"migrations.W102"}},
    ),
]
