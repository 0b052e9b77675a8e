"""The corpus, continued: options of indexes and constraints, and computed columns."""

from .corpus import Case
from .findings import ALL, CHECK, DROP, INDEX, RENAME

NUMBERED = "name: Mapped[str] = mapped_column(String(40))\nn: Mapped[int]"
PARTIAL = ("sqlite", "postgresql")


def indexed(name: str, before: str, after: str, databases: tuple[str, ...]) -> Case:
    """An index whose options change."""
    return Case(
        name,
        f"{NUMBERED}\n__table_args__ = ({before},)",
        f"{NUMBERED}\n__table_args__ = ({after},)",
        rows={f"{name} (id, name, n)": [(1, "a", 1), (2, "b", 2)]},
        query=f"SELECT id, name, n FROM {name} ORDER BY id",
        expect=[(1, "a", 1), (2, "b", 2)],
        lint=INDEX,
        databases=databases,
    )


def where(name: str, condition: str) -> str:
    """A partial unique index."""
    return (
        f'Index("{name}_ix", "name", unique=True, '
        f'postgresql_where=text("{condition}"), sqlite_where=text("{condition}"))'
    )


def computed(name: str, expression: str, *more: str) -> str:
    """A table with a computed column."""
    lines = [
        "n: Mapped[int]",
        f'total: Mapped[int | None] = mapped_column(Computed("{expression}", persisted=True){", index=True" if more else ""})',
    ]
    return "\n".join(lines)


def computes(name: str, before: str, after: str, *more: str) -> Case:
    return Case(
        name,
        computed(name, before, *more),
        computed(name, after, *more),
        rows={f"{name} (id, n)": [(1, 4), (2, 5)]},
        query=f"SELECT id, n, total FROM {name} ORDER BY id",
        expect=[(1, 4, 12), (2, 5, 15)],
        lint={ALL: {"migrations.W103"}, "postgresql": {"migrations.W103", *more}},
    )


def retyped(name: str, factor: int, *more: str, both: bool = False) -> Case:
    """A column changes its type, and a computed column reads it; or both change it."""
    before, after = computed(name, "n * 2", *more), computed(name, f"n * {factor}", *more)
    if both:
        after = after.replace("column(Computed", "column(BigInteger, Computed")
    replaced = {"migrations.W103", "migrations.W107", *more}
    return Case(
        name,
        before,
        after.replace("n: Mapped[int]", "n: Mapped[int] = mapped_column(BigInteger)"),
        rows={f"{name} (id, n)": [(1, 4)]},
        query=f"SELECT id, n, total FROM {name}",
        expect=[(1, 4, 4 * factor)],
        lint={
            ALL: {"migrations.W107"} if factor == 2 and not both else replaced,
            "postgresql": replaced,
        },
    )


OPTIONS = [
    indexed(
        "change_where", where("change_where", "n > 0"), where("change_where", "n > 1"), PARTIAL
    ),
    indexed("add_where", where("add_where", "n > 0"), 'Index("add_where_ix", "name")', PARTIAL),
    indexed(
        "change_where_of_text",
        where("change_where_of_text", "name = 'a'"),
        where("change_where_of_text", "name IN ('a', 'c')"),
        PARTIAL,
    ),
    indexed(
        "change_where_with_colon",
        where("change_where_with_colon", "name <> 'x'"),
        where("change_where_with_colon", r"name <> '\\:x'"),
        PARTIAL,
    ),
    Case(
        "add_check_with_colon",
        NUMBERED,
        f"{NUMBERED}\n"
        r"__table_args__ = (CheckConstraint('name <> \'\\:y\'', name='colon'),)",
        rows={"add_check_with_colon (id, name, n)": [(1, "a", 4)]},
        query="SELECT id, name, n FROM add_check_with_colon",
        expect=[(1, "a", 4)],
        lint=CHECK,
    ),
    Case(
        "change_server_default_to_colon",
        NUMBERED,
        NUMBERED.replace(
            "mapped_column(String(40))", "mapped_column(String(40), server_default=':z')"
        ),
        rows={"change_server_default_to_colon (id, name, n)": [(1, "a", 4)]},
        query="SELECT id, name, n FROM change_server_default_to_colon",
        expect=[(1, "a", 4)],
    ),
    indexed(
        "change_include",
        'Index("change_include_ix", "name", postgresql_include=["n"])',
        'Index("change_include_ix", "name")',
        ("postgresql",),
    ),
    indexed(
        "change_using",
        'Index("change_using_ix", "name", postgresql_using="hash")',
        'Index("change_using_ix", "name")',
        ("postgresql",),
    ),
    Case(
        "defer_unique",
        NUMBERED + '\n__table_args__ = (UniqueConstraint("name"),)',
        NUMBERED
        + '\n__table_args__ = (UniqueConstraint("name", deferrable=True, initially="DEFERRED"),)',
        rows={"defer_unique (id, name, n)": [(1, "a", 1)]},
        query="SELECT condeferred FROM pg_constraint WHERE conname = 'uq_defer_unique_name'",
        expect=[(True,)],
        lint={ALL: {"migrations.W111"}},
        databases=("postgresql",),
    ),
    Case(
        "rename_column_of_partial_index",
        f"{NUMBERED}\n__table_args__ = ({where('rename_column_of_partial_index', 'n > 0')},)",
        f"{NUMBERED}\n__table_args__ = ({where('rename_column_of_partial_index', 'amount > 0')},)".replace(
            "n: Mapped[int]", "amount: Mapped[int]"
        ),
        rows={"rename_column_of_partial_index (id, name, n)": [(1, "a", 1)]},
        query="SELECT id, name, amount FROM rename_column_of_partial_index",
        expect=[(1, "a", 1)],
        renames={"rename_column_of_partial_index.n": "rename_column_of_partial_index.amount"},
        lint=RENAME,
        databases=PARTIAL,
    ),
    retyped("retype_read", 2),
    retyped("retype_read_and_indexed", 2, "migrations.W108"),
    retyped("retype_read_and_changed", 3),
    retyped("retype_read_and_computed", 2, both=True),
    retyped("retype_both_and_change", 3, both=True),
    computes("change_computed", "n * 2", "n * 3"),
    computes("change_indexed_computed", "n * 2", "n * 3", "migrations.W108"),
    Case(
        "change_required_computed",
        computed("change_required_computed", "n * 2").replace("[int | None]", "[int]"),
        computed("change_required_computed", "n * 3").replace("[int | None]", "[int]"),
        rows={"change_required_computed (id, n)": [(1, 4)]},
        query="SELECT id, n, total FROM change_required_computed",
        expect=[(1, 4, 12)],
        lint=DROP,
    ),
    Case(
        "add_required_computed",
        "n: Mapped[int]",
        computed("add_required_computed", "n * 2").replace("[int | None]", "[int]"),
        rows={"add_required_computed (id, n)": [(1, 4)]},
        query="SELECT id, n, total FROM add_required_computed",
        expect=[(1, 4, 8)],
    ),
    Case(
        "drop_required_computed",
        computed("drop_required_computed", "n * 2").replace("[int | None]", "[int]"),
        "n: Mapped[int]",
        rows={"drop_required_computed (id, n)": [(1, 4)]},
        query="SELECT id, n FROM drop_required_computed",
        expect=[(1, 4)],
        lint=DROP,
    ),
    Case(
        "drop_column_beside_computed",
        computed("drop_column_beside_computed", "n * 2") + "\nextra: Mapped[int]",
        computed("drop_column_beside_computed", "n * 2"),
        rows={"drop_column_beside_computed (id, n, extra)": [(1, 4, 0)]},
        query="SELECT id, n, total FROM drop_column_beside_computed",
        expect=[(1, 4, 8)],
        lint=DROP,
    ),
]
