"""Where an edit is not safe: nothing is written there, and what to do by hand is said."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from groundplan.cli import run

MODELS = "my_service/apps/shop/models.py"
SCHEMAS = "my_service/apps/shop/schemas.py"
FACTORIES = "tests/shop/shop_factories.py"


class Case(NamedTuple):
    """A file that is edited so that nothing can be added safely, and what is said of it."""

    path: str
    edit: Callable[[str], str]
    said: str


def swap(old: str, new: str) -> Callable[[str], str]:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return edit


def end_with(tail: str, *, begin: str = "") -> Callable[[str], str]:
    def edit(text: str) -> str:
        return begin + text + tail

    return edit


def on_one_line(text: str) -> str:
    return text[: text.index("class Thing(")] + "class Thing(Base): title: Mapped[str]\n"


def by_a_function(text: str) -> str:
    function = "    @declared_attr.directive\n    def __table_args__(cls):\n        return ()\n"
    return text.replace(f"    __table_args__ = {CHECK}\n", "") + f"\n{function}"


CHECK = '(CheckConstraint("price >= 0", name="price_not_negative"),)'
CASES = {
    "no tuple": Case(
        MODELS,
        swap(CHECK, f"tuple([*{CHECK}])"),
        "its __table_args__ is no tuple that is written out",
    ),
    "an empty tuple": Case(
        MODELS,
        swap(CHECK, '({"info": {"a": "b"}},)'),
        "its __table_args__ has no constraint to stand behind",
    ),
    "a function": Case(
        MODELS,
        by_a_function,
        "its __table_args__ is worked out by a function",
    ),
    "a table of its own": Case(
        MODELS,
        swap("    __table_args__", "    __table__ = Table()\n    __table_args__"),
        "class Thing is mapped by its __table__",
    ),
    "a class on one line": Case(
        MODELS,
        on_one_line,
        "the class stands on one line",
    ),
    "a class twice": Case(
        MODELS,
        end_with("\n\nclass Thing(Thing):\n    pass\n"),
        "class Thing stands there 2 times",
    ),
    "a name that is taken": Case(
        MODELS,
        swap("\n\nclass ThingStatus", "\n\nThingKind = str\n\n\nclass ThingStatus"),
        "ThingKind means something else in it",
    ),
    "an import of another meaning": Case(
        MODELS,
        swap("from enum import StrEnum", "import date\nfrom enum import StrEnum"),
        "date means something else in it",
    ),
    "an import for types alone": Case(
        MODELS,
        swap(
            "\n\n\nclass ThingStatus",
            "\n\nif TYPE_CHECKING:\n    from datetime import date\n\n\nclass ThingStatus",
        ),
        "date is for type checkers alone in it",
    ),
    "an alias that is taken": Case(
        SCHEMAS,
        swap("\n\nThingTitle =", "\n\nThingStock = int\nThingTitle ="),
        "ThingStock means something else in it",
    ),
    "an attribute that hides a name": Case(
        FACTORIES,
        swap("_optionals__ = False\n", "_optionals__ = False\n    token_hex = Use(token_hex, 4)\n"),
        "token_hex is an attribute of the class",
    ),
    "another encoding": Case(
        FACTORIES, end_with("", begin="# coding: latin-1\n# \udce9\n"), "it is no UTF-8"
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_file_that_is_not_safe_to_edit_stays_and_its_lines_are_said(
    project: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    case = CASES[name]
    file = project / case.path
    text = case.edit(file.read_text()).encode("utf-8", "surrogateescape")
    file.write_bytes(text)
    fields = (
        "stock:int:default=3:ge=0",
        "kind:enum=a,b:default=a",
        "due_on:date:null",
        "n:str:null",
    )
    assert run(["addfield", "shop.Thing", *fields]) == 1
    said = capsys.readouterr().out
    assert f"This could not be done. By hand:\n\n    {case.path}: {case.said}.\n" in said
    assert file.read_bytes() == text
    assert all(path in said for path in {MODELS, SCHEMAS, FACTORIES} - {case.path})


def test_a_schema_that_is_missing_is_said_with_its_lines(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project / SCHEMAS
    file.write_text(file.read_text().replace("class ThingPatch(", "class ThingChange("))
    assert run(["addfield", "shop.Thing", "stock:int:default=3"]) == 1
    _, _, said = capsys.readouterr().out.partition("By hand:\n\n")
    assert said.partition("\n\n")[0] == (
        "    my_service/apps/shop: class ThingPatch is not there.\n"
        "    In the schema that has its place:\n"
        "    ThingStock = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]\n"
        "        stock: ThingStock = LEFT_OUT\n"
        "    Imported there:\n"
        "    from ...core.web import LEFT_OUT\n"
        "    from pydantic import Field\n"
        "    from typing import Annotated"
    )


def test_a_second_reference_says_by_which_key_each_relationship_is(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (project / "my_service/apps/blog/models.py").read_bytes()
    assert run(["addfield", "blog.Post", "editor:ref=blog.User:null"]) == 1
    said = capsys.readouterr().out
    assert (
        "    my_service/apps/blog/models.py: it refers to users already, and each relationship "
        "between the two needs foreign_keys=.\n"
        "    In class Post:\n"
        '        editor_id: Mapped[Key | None] = mapped_column(ForeignKey("users.id"), index=True)\n'
        "        editor: Mapped[User | None] = relationship(foreign_keys=[editor_id], "
        'lazy="raise_on_sql")\n'
    ) in said
    assert (project / "my_service/apps/blog/models.py").read_bytes() == before


def test_lines_that_are_said_are_those_that_would_be_written(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["addfield", "shop.Thing", "stock:int:default=3", "--dry-run", "--diff"]) == 0
    added = set(re.findall(r"(?m)^\+(    stock: .*)$", capsys.readouterr().out))
    file = project / MODELS
    file.write_text(file.read_text() + "\n\nclass Thing(Thing):\n    pass\n")
    assert run(["addfield", "shop.Thing", "stock:int:default=3"]) == 1
    said = set(re.findall(r"(?m)^    (    stock: .*)$", capsys.readouterr().out))
    assert said
    assert said <= added
