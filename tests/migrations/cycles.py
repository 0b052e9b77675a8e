"""The corpus, continued: tables that refer to each other."""

from .corpus import AB, NAME, Case
from .findings import ALL, FOREIGN_KEY

TABLE = 'class {title}(Row):\n    __tablename__ = "{name}"\n\n    {columns}\n'
REFERENCE = 'other_id: Mapped[int | None] = mapped_column(ForeignKey("{}.id"))'


def table(name: str, *columns: str) -> str:
    title = "".join(part.title() for part in name.split("_"))
    return TABLE.format(title=title, name=name, columns="\n    ".join(columns))


def ring(*names: str) -> str:
    """Tables, each of which refers to the next one, and the last one to the first."""
    following = (*names[1:], names[0])
    return "\n\n".join(
        table(name, NAME, REFERENCE.format(other))
        for name, other in zip(names, following, strict=True)
    )


CYCLES = [
    Case("add_pair_that_refers_to_each_other", "", ring("pair_a", "pair_b")),
    Case("add_ring_of_three", "", ring("ring_c", "ring_a", "ring_b")),
    Case(
        "refer_back",
        table("refer_back", NAME, REFERENCE.format("refer_back_to"))
        + "\n\n"
        + table("refer_back_to", NAME),
        ring("refer_back", "refer_back_to"),
        rows={
            "refer_back_to (id, name)": AB,
            "refer_back (id, name, other_id)": [(1, "a", 1), (2, "b", None)],
        },
        query="SELECT id, other_id FROM refer_back_to ORDER BY id",
        expect=[(1, None), (2, None)],
        lint=FOREIGN_KEY,
    ),
    Case(
        "alter_tables_that_refer_to_each_other",
        ring("alter_ring", "alter_ring_b"),
        ring("alter_ring", "alter_ring_b").replace("String(40)", "String(80)"),
        rows={
            "alter_ring_b (id, name, other_id)": [(1, "a", None)],
            "alter_ring (id, name, other_id)": [(1, "a", 1)],
        },
        query="SELECT t.name, o.name FROM alter_ring t JOIN alter_ring_b o ON o.id = t.other_id",
        expect=[("a", "a")],
        lint={ALL: {"migrations.W107"}, "postgresql": set()},
    ),
    Case(
        "drop_ring",
        ring("drop_ring", "drop_ring_b", "drop_ring_c"),
        "",
        rows={"drop_ring (id, name, other_id)": [(1, "a", None)]},
        renames={"drop_ring": "", "drop_ring_b": "", "drop_ring_c": ""},
        lint={ALL: {"migrations.W104"}},
    ),
    Case(
        "drop_one_of_a_pair",
        ring("drop_one_of_a_pair", "drop_one_of_a_pair_b"),
        table("drop_one_of_a_pair", NAME),
        rows={
            "drop_one_of_a_pair_b (id, name, other_id)": [(1, "a", None)],
            "drop_one_of_a_pair (id, name, other_id)": [(1, "a", 1), (2, "b", None)],
        },
        query="SELECT id, name FROM drop_one_of_a_pair ORDER BY id",
        expect=AB,
        renames={"drop_one_of_a_pair_b": ""},
        lint={ALL: {"migrations.W103", "migrations.W104"}},
    ),
]
