"""The corpus, continued: names that are swapped, shifted and used again."""

from collections.abc import Sequence

from .corpus import AB, NAME, Case
from .findings import ALL, RENAME
from .structures import enum

TEXT = "{}: Mapped[str] = mapped_column(String(40){})"


def columns(*names: str, options: str = "") -> str:
    """Text columns."""
    return "\n".join(TEXT.format(name, options) for name in names)


def moved(
    name: str, before: Sequence[str], after: Sequence[str], renames: dict[str, str], options: str
) -> Case:
    """Columns that take each other's names: each value stays in its column."""
    places = {new: before.index(old) for old, new in renames.items() if new}
    row = ("x", "y", "z")[: len(before)]
    expected = tuple(
        row[places.get(new, before.index(new) if new in before else 0)] for new in after
    )
    return Case(
        name,
        columns(*before, options=options),
        columns(*after, options=options),
        rows={f"{name} (id, {', '.join(before)})": [(1, *row)]},
        query=f"SELECT {', '.join(after)} FROM {name}" if name != "rename_case" else "",
        expect=[expected],
        renames={f"{name}.{old}": f"{name}.{new}" if new else "" for old, new in renames.items()},
        lint=RENAME,
    )


SWAP = {"first": "second", "second": "first"}
NAMES = [
    moved("swap_columns", ["first", "second"], ["first", "second"], SWAP, ""),
    moved("swap_unique", ["first", "second"], ["first", "second"], SWAP, ", unique=True"),
    moved("swap_indexed", ["first", "second"], ["first", "second"], SWAP, ", index=True"),
    moved("shift_columns", ["a", "b"], ["b", "c"], {"a": "b", "b": "c"}, ", unique=True"),
    moved(
        "rotate_columns",
        ["a", "b", "c"],
        ["a", "b", "c"],
        {"a": "b", "b": "c", "c": "a"},
        ", index=True",
    ),
    moved("rename_case", ["title"], ["Title"], {"title": "Title"}, ""),
    Case(
        "reuse_name",
        NAME,
        "title: Mapped[str] = mapped_column(String(40))\nname: Mapped[int | None]",
        rows={"reuse_name (id, name)": AB},
        query="SELECT id, title, name FROM reuse_name ORDER BY id",
        expect=[(1, "a", None), (2, "b", None)],
        renames={"reuse_name.name": "reuse_name.title"},
        lint=RENAME,
    ),
    Case(
        "replace_column",
        columns("a", "b"),
        columns("b"),
        rows={"replace_column (id, a, b)": [(1, "x", "y")]},
        query="SELECT id, b FROM replace_column",
        expect=[(1, "x")],
        renames={"replace_column.a": "replace_column.b", "replace_column.b": ""},
        lint={ALL: {"migrations.W103", "migrations.W105"}},
    ),
    Case(
        "swap_tables",
        "\n\n".join(
            f'class {title}(Row):\n    __tablename__ = "{name}"\n\n'
            f"    {TEXT.format(column, ', unique=True')}\n"
            for title, name, column in (("SwapA", "swap_a", "one"), ("SwapB", "swap_b", "two"))
        ),
        "\n\n".join(
            f'class {title}(Row):\n    __tablename__ = "{name}"\n\n'
            f"    {TEXT.format(column, ', unique=True')}\n"
            for title, name, column in (("SwapA", "swap_b", "one"), ("SwapB", "swap_a", "two"))
        ),
        rows={"swap_a (id, one)": [(1, "x")], "swap_b (id, two)": [(2, "y")]},
        query="SELECT a.id, b.id FROM swap_a a JOIN swap_b b ON b.one = 'x' AND a.two = 'y'",
        expect=[(2, 1)],
        renames={"swap_a": "swap_b", "swap_b": "swap_a"},
        lint={ALL: {"migrations.W106"}},
    ),
    Case(
        "rename_case_of_table",
        f'class Cased(Row):\n    __tablename__ = "cased"\n\n    {NAME}\n',
        f'class Cased(Row):\n    __tablename__ = "Cased"\n\n    {NAME}\n',
        rows={"cased (id, name)": AB},
        renames={"cased": "Cased"},
        lint={ALL: {"migrations.W106"}},
    ),
    Case(
        "swap_enums",
        enum("swap_enums", "draft", "live")
        + "    other: Mapped[str] = mapped_column(String(32))\n",
        enum("swap_enums", "draft", "live").replace(" state:", " other:")
        + "    state: Mapped[str] = mapped_column(String(32))\n",
        rows={"swap_enums (id, state, other)": [(1, "draft", "x")]},
        query="SELECT other, state FROM swap_enums",
        expect=[("draft", "x")],
        renames={"swap_enums.state": "swap_enums.other", "swap_enums.other": "swap_enums.state"},
        lint=RENAME,
    ),
]
