"""The corpus, continued: enums, generated values, and a change of each portable type's options."""

from .corpus import AB, NAME, Case, same
from .findings import ALL

STATE = 'class {}(StrEnum):\n    DRAFT = "draft"\n    LIVE = "live"\n\n\n'
NATIVE = 'mood: Mapped[str | None] = mapped_column(Enum("good", "bad", name="{}"))'
ENUMS = {ALL: set[str](), "postgresql": {"migrations.W112"}}


def model(name: str, *columns: str) -> str:
    """A class with these columns."""
    title = "".join(part.title() for part in name.split("_"))
    lines = "\n    ".join(columns)
    return f'class {title}(Row):\n    __tablename__ = "{name}"\n\n    {lines}\n'


KINDS = [
    Case(
        "two_columns_of_one_enum",
        STATE.format("TwoState") + model("two_columns_of_one_enum", "one: Mapped[TwoState]"),
        STATE.format("TwoState")
        + model("two_columns_of_one_enum", "one: Mapped[TwoState]", "two: Mapped[TwoState | None]"),
        rows={"two_columns_of_one_enum (id, one)": [(1, "draft")]},
        query="SELECT id, one, two FROM two_columns_of_one_enum",
        expect=[(1, "draft", None)],
        lint={ALL: set(), "postgresql": {"migrations.W110"}},
    ),
    Case("add_table_with_native_enum", "", NATIVE.format("mood_one"), lint=ENUMS),
    Case(
        "add_native_enum",
        NAME,
        f"{NAME}\n{NATIVE.format('mood_two')}",
        **same("add_native_enum"),
        lint=ENUMS,
    ),
    Case(
        "drop_native_enum",
        f"{NAME}\n{NATIVE.format('mood_three')}",
        NAME,
        **same("drop_native_enum"),
        lint={ALL: {"migrations.W103"}},
    ),
    Case(
        "drop_table_with_native_enum",
        NATIVE.format("mood_four"),
        "",
        rows={"drop_table_with_native_enum (id, mood)": [(1, "good")]},
        renames={"drop_table_with_native_enum": ""},
        lint={ALL: {"migrations.W104"}},
    ),
    Case(
        "identity_key",
        "class IdentityKey(Base):\n"
        '    __tablename__ = "identity_key"\n\n'
        f"    id: Mapped[int] = mapped_column(Identity(), primary_key=True)\n    {NAME}\n",
        "class IdentityKey(Base):\n"
        '    __tablename__ = "identity_key"\n\n'
        f"    id: Mapped[int] = mapped_column(Identity(), primary_key=True)\n    {NAME}\n"
        "    n: Mapped[int | None]\n",
        rows={"identity_key (name)": [("a",), ("b",)]},
        query="SELECT id, name, n FROM identity_key ORDER BY id",
        expect=[(1, "a", None), (2, "b", None)],
    ),
    Case(
        "forbid_null_where_none_is",
        "name: Mapped[str | None] = mapped_column(String(40))",
        NAME,
        **same("forbid_null_where_none_is"),
        defaults={"forbid_null_where_none_is.name": "sql:NULL"},
        lint={ALL: {"migrations.W102"}},
    ),
    Case(
        "now_as_server_default",
        NAME,
        f"{NAME}\nat: Mapped[datetime] = mapped_column(server_default=func.now())",
        rows={"now_as_server_default (id, name)": AB},
        query="SELECT count(*) FROM now_as_server_default WHERE at IS NOT NULL",
        expect=[(2,)],
        databases=("postgresql",),
    ),
]
