"""A file that cannot be edited safely stays unchanged, and the lines to add by hand are printed."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from groundplan.cli import run

MODELS = "my_service/apps/shop/models.py"
SCHEMAS = "my_service/apps/shop/schemas.py"
FACTORIES = "tests/shop/shop_factories.py"


class Case(NamedTuple):
    """An edit after which nothing can be added to a file safely, and the reason that is printed."""

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
        "its __table_args__ is not a literal tuple",
    ),
    "an empty tuple": Case(
        MODELS,
        swap(CHECK, '({"info": {"a": "b"}},)'),
        "its __table_args__ contains no constraint",
    ),
    "a function": Case(
        MODELS,
        by_a_function,
        "a function computes its __table_args__",
    ),
    "a class mapped by __table__": Case(
        MODELS,
        swap("    __table_args__", "    __table__ = Table()\n    __table_args__"),
        "class Thing is mapped by __table__",
    ),
    "a class on one line": Case(
        MODELS,
        on_one_line,
        "the body of the class is on one line",
    ),
    "a class twice": Case(
        MODELS,
        end_with("\n\nclass Thing(Thing):\n    pass\n"),
        "class Thing is defined 2 times",
    ),
    "a taken name": Case(
        MODELS,
        swap("\n\nclass ThingStatus", "\n\nThingKind = str\n\n\nclass ThingStatus"),
        "ThingKind already has another meaning in this file",
    ),
    "a name imported with another meaning": Case(
        MODELS,
        swap("from enum import StrEnum", "import date\nfrom enum import StrEnum"),
        "date already has another meaning in this file",
    ),
    "an import for type checkers only": Case(
        MODELS,
        swap(
            "\n\n\nclass ThingStatus",
            "\n\nif TYPE_CHECKING:\n    from datetime import date\n\n\nclass ThingStatus",
        ),
        "date is imported for type checkers only",
    ),
    "a taken alias": Case(
        SCHEMAS,
        swap("\n\nThingTitle =", "\n\nThingStock = int\nThingTitle ="),
        "ThingStock already has another meaning in this file",
    ),
    "an attribute that hides a name": Case(
        FACTORIES,
        swap("_optionals__ = False\n", "_optionals__ = False\n    token_hex = Use(token_hex, 4)\n"),
        "an attribute of the class hides token_hex",
    ),
    "no Python": Case(SCHEMAS, end_with("class (\n"), "it is not valid Python"),
    "another encoding": Case(
        FACTORIES, end_with("", begin="# coding: latin-1\n# \udce9\n"), "it is not valid UTF-8"
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_unsafe_file_stays_unchanged_and_its_lines_are_printed(
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
    assert f"By hand:\n\n    {case.path}: {case.said}.\n" in said
    assert file.read_bytes() == text
    assert all(path in said for path in {MODELS, SCHEMAS, FACTORIES} - {case.path})


def test_the_lines_of_a_missing_schema_are_printed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project / SCHEMAS
    file.write_text(file.read_text().replace("class ThingPatch(", "class ThingChange("))
    assert run(["addfield", "shop.Thing", "stock:int:default=3"]) == 1
    _, _, said = capsys.readouterr().out.partition("By hand:\n\n")
    assert said.partition("\n\n")[0] == (
        "    my_service/apps/shop: class ThingPatch does not exist.\n"
        "    In the schema that replaces it:\n"
        "    ThingStock = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]\n"
        "        stock: ThingStock = LEFT_OUT\n"
        "    Imports:\n"
        "    from ...core.web import LEFT_OUT\n"
        "    from pydantic import Field\n"
        "    from typing import Annotated"
    )


def test_a_second_reference_prints_every_relationship_that_needs_its_key(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (project / "my_service/apps/blog/models.py").read_bytes()
    assert run(["addfield", "blog.Comment", "origin:ref=blog.Post:null"]) == 1
    said = capsys.readouterr().out
    assert (
        "    my_service/apps/blog/models.py: the model already refers to Post, so every relationship "
        "between the two needs foreign_keys=.\n"
        "    In class Comment, instead of the existing relationship:\n"
        "        post: Mapped[Post] = relationship(foreign_keys=[post_id], "
        'back_populates="comments", lazy="raise_on_sql")\n'
        "    In class Post, instead of the existing relationship:\n"
        '        comments: Mapped[list["Comment"]] = relationship(foreign_keys="Comment.post_id",\n'
    ) in said
    assert (
        "    In class Comment:\n"
        '        origin_id: Mapped[Key | None] = mapped_column(ForeignKey("posts.id"), index=True)\n'
        "        origin: Mapped[Post | None] = relationship(foreign_keys=[origin_id], "
        'lazy="raise_on_sql")\n'
    ) in said
    assert (project / "my_service/apps/blog/models.py").read_bytes() == before


@pytest.mark.full
def test_the_printed_lines_of_a_second_reference_configure_the_mappers(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["addfield", "blog.Comment", "origin:ref=blog.Post:null"]) == 1
    said = capsys.readouterr().out.partition("foreign_keys=.\n")[2].partition("    Imports:")[0]
    file = project / "my_service/apps/blog/models.py"
    text = file.read_text()
    for section in re.split(r"(?m)^    In class ", said)[1:]:
        where, _, lines = section.replace("\n    ", "\n").partition("\n")
        text = pasted(text, re.split(r"\W", where)[0], lines)
    file.write_text(text)
    code = (
        "import my_service.apps.blog.models as models\n"
        "from sqlalchemy.orm import configure_mappers\n"
        "configure_mappers()\n"
        "assert [c.name for c in models.Comment.origin.property.local_columns] == ['origin_id']\n"
        "assert [c.name for c in models.Comment.post.property.local_columns] == ['post_id']\n"
    )
    subprocess.run((sys.executable, "-c", code), cwd=project, check=True)


def pasted(text: str, name: str, lines: str) -> str:
    """Replace the attributes of the same names in a class, or append them to it."""
    classes = (node for node in ast.parse(text).body if isinstance(node, ast.ClassDef))
    body = next(node.body for node in classes if node.name == name)
    first = lines.partition(":")[0].strip()
    old = next((node for node in body if ast.unparse(node).startswith(f"{first}:")), None)
    start, end = (old.lineno - 1, old.end_lineno) if old is not None else (body[-1].end_lineno,) * 2
    rows = text.split("\n")
    return "\n".join([*rows[:start], lines.rstrip(), *rows[end:]])


def test_printed_lines_are_those_that_would_be_written(
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


def test_a_model_whose_imports_follow_other_code_gets_its_relationship_by_hand(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project / MODELS
    text = file.read_text().replace("\n\nfrom ", '\n\nVERSION = "1"\nfrom ', 1)
    file.write_text(text)
    assert run(["startapp", "reviews", "Review", "thing:ref=shop.Thing:back=reviews"]) == 1
    said = capsys.readouterr().out
    assert f"By hand:\n\n    {MODELS}: its imports are not at its top.\n" in said
    assert file.read_text() == text
