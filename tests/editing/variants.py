"""Generated models, edited in the ways in which people edit them."""

import re
from collections.abc import Callable
from typing import NamedTuple

MODEL = "Thing title:str=200:unique price:decimal=10,2:ge=0 status:enum=draft,live:default=draft"
FIELDS = (
    "stock:int:default=3:ge=0",
    "nick:str=40:null:unique",
    "kind:enum=a,b:default=a:index",
    "owner:ref=users.User:null",
    "due_on:date:null",
    "cost:decimal=8,3:null",
)

Files = dict[str, str]
Edit = Callable[[Files, str], None]


class Variant(NamedTuple):
    """A way to edit an app's files.

    Attributes:
        edit: changes the files of an app, given by their paths below the project's root; it also
            gets the model's name.
        is_formatted: whether the formatter leaves the result unchanged.
    """

    edit: Edit
    is_formatted: bool = True


VARIANTS: dict[str, Variant] = {}


def variant(*, is_formatted: bool = True) -> Callable[[Edit], Edit]:
    def add(edit: Edit) -> Edit:
        VARIANTS[edit.__name__] = Variant(edit, is_formatted)
        return edit

    return add


def swap(files: Files, name: str, old: str, new: str) -> None:
    """Return an edit that replaces a text which occurs once in a file."""
    path = next(path for path in files if path.endswith(name))
    assert files[path].count(old) == 1, (name, old, files[path])
    files[path] = files[path].replace(old, new)


def every(files: Files, change: Callable[[str], str], *names: str) -> None:
    for path in files:
        if path.endswith(names or (".py",)):
            files[path] = change(files[path])


@variant()
def as_generated(files: Files, model: str) -> None:
    pass


@variant()
def with_windows_line_endings(files: Files, model: str) -> None:
    every(files, lambda text: text.replace("\n", "\r\n"))


@variant(is_formatted=False)
def without_a_last_newline(files: Files, model: str) -> None:
    every(files, lambda text: text.rstrip("\n"))


@variant(is_formatted=False)
def with_a_byte_order_mark(files: Files, model: str) -> None:
    every(files, lambda text: "\ufeff" + text, "models.py", "schemas.py")


@variant()
def with_a_docstring(files: Files, model: str) -> None:
    head = f"class {model}(PrimaryKey, Timestamps, Base):\n"
    swap(files, "models.py", head, f'{head}    """What is sold."""\n\n')


@variant()
def with_comments_above_and_behind(files: Files, model: str) -> None:
    swap(files, "models.py", f"class {model}(", f"# It is sold.\n# It is bought.\nclass {model}(")
    title = "    title: Mapped[str] = mapped_column(String(200), unique=True)\n"
    swap(files, "models.py", title, f"    # shown\n{title[:-1]}  # as it is printed\n")


@variant()
def with_a_comment_behind_the_last_column(files: Files, model: str) -> None:
    every(
        files,
        lambda t: re.sub(r"(    status: .*\.DRAFT\)?)\n", r"\1  # last, é\n", t),
        "models.py",
        "schemas.py",
    )


@variant()
def with_methods(files: Files, model: str) -> None:
    def add(text: str) -> str:
        return text + "\n    def shout(self) -> str:\n        return self.title.upper()\n"

    every(files, add, "models.py")


@variant()
def with_a_property_between_the_columns(files: Files, model: str) -> None:
    price = "    price: Mapped[Decimal] = mapped_column(ExactDecimal(10, 2))\n"
    method = "\n    @property\n    def loud(self) -> str:\n        return self.title.upper()\n\n"
    swap(files, "models.py", price, price + method)


@variant()
def with_another_mixin(files: Files, model: str) -> None:
    swap(
        files,
        "models.py",
        "(PrimaryKey, Timestamps, Base)",
        "(PrimaryKey, SoftDelete, Timestamps, Base)",
    )
    swap(files, "models.py", "PrimaryKey, Timestamps\n", "PrimaryKey, SoftDelete, Timestamps\n")


@variant()
def with_a_mixin_of_its_own(files: Files, model: str) -> None:
    mixin = "class Loud:\n    def shout(self) -> str:\n        return repr(self).upper()\n\n\n"
    swap(files, "models.py", f"class {model}(PrimaryKey", f"{mixin}class {model}(Loud, PrimaryKey")


@variant()
def with_future_annotations(files: Files, model: str) -> None:
    def add(text: str) -> str:
        head, _, rest = text.partition("\n\n")
        return f"{head}\n\nfrom __future__ import annotations\n\n{rest}"

    every(files, add, "models.py", "schemas.py")


@variant()
def with_an_alias_of_an_import(files: Files, model: str) -> None:
    every(
        files,
        lambda t: (
            t.replace("String", "Text")
            .replace("Text(200)", "Varchar(200)")
            .replace(
                "import CheckConstraint, Text",
                "import CheckConstraint\nfrom sqlalchemy import String as Varchar",
            )
        ),
        "models.py",
    )


@variant()
def with_a_module_import(files: Files, model: str) -> None:
    every(
        files,
        lambda t: (
            t.replace(
                "from sqlalchemy import CheckConstraint, String\n", "import sqlalchemy as sa\n"
            )
            .replace("(CheckConstraint(", "(sa.CheckConstraint(")
            .replace("(String(", "(sa.String(")
        ),
        "models.py",
    )


@variant()
def with_absolute_imports(files: Files, model: str) -> None:
    every(
        files,
        lambda t: t.replace("from ...core", "from my_service.core").replace(
            "\nfrom .models", "\n\nfrom .models"
        ),
        "models.py",
        "schemas.py",
    )


@variant()
def with_imports_one_a_line(files: Files, model: str) -> None:
    old = "from ...core.db import Base, ExactDecimal, PrimaryKey, Timestamps\n"
    new = "from ...core.db import (\n    Base,\n    ExactDecimal,  # exact\n    PrimaryKey,\n    Timestamps,\n)\n"
    swap(files, "models.py", old, new)


@variant()
def with_a_type_checking_block(files: Files, model: str) -> None:
    swap(
        files,
        "models.py",
        "from enum import StrEnum\n",
        "from enum import StrEnum\nfrom typing import TYPE_CHECKING\n",
    )
    swap(
        files,
        "models.py",
        "PrimaryKey, Timestamps\n",
        "PrimaryKey, Timestamps\n\nif TYPE_CHECKING:\n    from ..blog.models import Post\n",
    )
    every(
        files,
        lambda t: (
            t
            + "\n    def of(self, post: Post) -> str:\n        return post.title\n".replace(
                "Post)", '"Post")'
            )
        ),
        "models.py",
    )


@variant()
def with_a_table_args_of_several_lines(files: Files, model: str) -> None:
    old = '    __table_args__ = (CheckConstraint("price >= 0", name="price_not_negative"),)\n'
    new = '    __table_args__ = (\n        # never\n        CheckConstraint("price >= 0", name="price_not_negative"),  # at all\n    )\n'
    swap(files, "models.py", old, new)


@variant()
def with_options_in_table_args(files: Files, model: str) -> None:
    old = '    __table_args__ = (CheckConstraint("price >= 0", name="price_not_negative"),)\n'
    new = '    __table_args__ = (\n        CheckConstraint("price >= 0", name="price_not_negative"),\n        {"info": {"of": "shop"}},\n    )\n'
    swap(files, "models.py", old, new)


@variant(is_formatted=False)
def with_options_on_one_line(files: Files, model: str) -> None:
    old = '(CheckConstraint("price >= 0", name="price_not_negative"),)'
    swap(files, "models.py", old, old[:-1] + ' {"info": {"of": "shop"}})')


@variant(is_formatted=False)
def with_two_blanks_of_indentation(files: Files, model: str) -> None:
    every(
        files,
        lambda t: re.sub(r"(?m)^(    )+", lambda found: found.group()[::2], t),
        "models.py",
        "schemas.py",
        "factories.py",
    )


@variant(is_formatted=False)
def with_tabs(files: Files, model: str) -> None:
    every(
        files,
        lambda t: re.sub(r"(?m)^(    )+", lambda found: "\t" * (len(found.group()) // 4), t),
        "models.py",
        "schemas.py",
        "factories.py",
    )


@variant(is_formatted=False)
def squeezed(files: Files, model: str) -> None:
    every(files, lambda t: re.sub(r"\n\n+", "\n", t).replace(" = ", "="), "models.py", "schemas.py")


@variant(is_formatted=False)
def spread(files: Files, model: str) -> None:
    every(
        files,
        lambda t: t.replace("\n", "   \n").replace(" = mapped_column(", " =  mapped_column( "),
        "models.py",
    )


@variant()
def with_a_column_over_several_lines(files: Files, model: str) -> None:
    every(
        files,
        lambda t: re.sub(
            r"mapped_column\(default=(\w+)\.DRAFT\)",
            r"mapped_column(\n        default=\1.DRAFT,  # at first\n    )",
            t,
        ),
        "models.py",
    )


@variant()
def with_code_behind_the_class(files: Files, model: str) -> None:
    every(
        files, lambda t: t + f"\n\ndef first() -> type[{model}]:\n    return {model}\n", "models.py"
    )


@variant()
def with_another_class_in_front(files: Files, model: str) -> None:
    other = f"class Other{model}(PrimaryKey, Base):\n    title: Mapped[str]\n\n\n"
    swap(files, "models.py", f"class {model}(PrimaryKey", f"{other}class {model}(PrimaryKey")


@variant()
def with_its_table_named(files: Files, model: str) -> None:
    table = f'    __tablename__ = "{model.lower()}s"\n'
    swap(files, "models.py", "    __table_args__", f"{table}    __table_args__")


@variant()
def with_its_columns_in_another_order(files: Files, model: str) -> None:
    def sort(text: str) -> str:
        lines = text.split("\n")
        columns = [line for line in lines if "Mapped[" in line]
        places = [place for place, line in enumerate(lines) if "Mapped[" in line]
        for place, line in zip(places, sorted(columns), strict=True):
            lines[place] = line
        return "\n".join(lines)

    every(files, sort, "models.py")


@variant()
def with_a_relationship(files: Files, model: str) -> None:
    author = '    author_id: Mapped[Key | None] = mapped_column(ForeignKey("categories.id"), index=True)\n\n    author: Mapped[Category | None] = relationship(lazy="raise_on_sql")\n'
    every(
        files,
        lambda t: (
            (t + author)
            .replace("import CheckConstraint,", "import CheckConstraint, ForeignKey,")
            .replace("ExactDecimal, Primary", "ExactDecimal, Key, Primary")
            .replace("Timestamps\n\n", "Timestamps\nfrom ..blog.models import Category\n\n", 1)
            .replace("Mapped, mapped_column\n", "Mapped, mapped_column, relationship\n")
        ),
        "models.py",
    )
