"""Models as their owners leave them: what was generated, edited in every way that people edit."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

MODEL = "Thing title:str=200:unique price:decimal=10,2:ge=0 status:enum=draft,live:default=draft"
FIELDS = (
    "stock:int:default=3:ge=0",
    "nick:str=40:null:unique",
    "kind:enum=a,b:default=a:index",
    "owner:ref=blog.User:null",
    "due_on:date:null",
    "cost:decimal=8,3:null",
)

Files = dict[str, str]
Edit = Callable[[Files, str], None]


class Variant(NamedTuple):
    """A way to edit an app's files.

    Attributes:
        edit: changes the files of an app, by their names below the project's root; it gets the
            model's name.
        is_formatted: whether the formatter has nothing to say of the result.
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
    """Replace a text that stands in a file once."""
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


@variant()
def with_validators_in_the_schemas(files: Files, model: str) -> None:
    swap(
        files,
        "schemas.py",
        "import AfterValidator, Field, StringConstraints",
        "import AfterValidator, Field, StringConstraints, field_validator",
    )
    swap(
        files,
        "schemas.py",
        f"\n\nclass {model}Patch",
        f'\n    @field_validator("title")\n    @classmethod\n    def is_fine(cls, value: str) -> str:\n        return value\n\n\nclass {model}Patch',
    )


@variant()
def with_docstrings_in_the_schemas(files: Files, model: str) -> None:
    for suffix, base in (("Create", "Schema"), ("Patch", "Patch"), ("Read", "Schema")):
        head = f"class {model}{suffix}({base}):\n"
        swap(files, "schemas.py", head, f'{head}    """What it is."""\n\n')


@variant()
def with_the_stamps_first(files: Files, model: str) -> None:
    stamps = "    created_at: datetime\n    updated_at: datetime\n"
    swap(files, "schemas.py", stamps, "")
    swap(files, "schemas.py", "    id: Key\n", f"    id: Key\n{stamps}")


@variant()
def with_schemas_in_another_order(files: Files, model: str) -> None:
    def turn(text: str) -> str:
        head, *classes = re.split(r"\n\n\n(?=class )", text.rstrip("\n"))
        return "\n\n\n".join([head, *reversed(classes)]) + "\n"

    every(files, turn, "schemas.py")


@variant()
def with_schemas_in_several_modules(files: Files, model: str) -> None:
    path = next(path for path in files if path.endswith("schemas.py"))
    folder = Path(path).with_suffix("")
    head, create, patch, read = re.split(r"\n\n\n(?=class )", files.pop(path).rstrip("\n"))
    head = head.replace("from ...core", "from ....core").replace("from .models", "from ..models")
    for name, body in (("taken", f"{create}\n\n\n{patch}"), ("given", read)):
        files[str(folder / f"{name}.py")] = _imports_used(
            head if name == "taken" else _without_types(head), body
        )
    names = ", ".join(f"{model}{suffix}" for suffix in ("Create", "Patch"))
    listed = ", ".join(f'"{model}{suffix}"' for suffix in ("Create", "Patch", "Read"))
    title = f'"{model}Title"'
    files[str(folder / "__init__.py")] = (
        f'"""What is taken and given."""\n\nfrom .given import {model}Read\n'
        f"from .taken import {names}, {model}Title\n\n__all__ = [{listed}, {title}]\n"
    )


def _without_types(head: str) -> str:
    return head.partition("\n\n\n")[0]


def _imports_used(head: str, body: str) -> str:
    """Keep of the imports of a head what is used below them."""

    def keep(found: re.Match[str]) -> str:
        names = [n for n in found[2].split(", ") if re.search(rf"\b{n}\b", rest + body)]
        return f"from {found[1]} import {', '.join(names)}\n" if names else ""

    parts = head.partition("\n\n\n")
    rest = parts[2]
    top = re.sub(r"from (\S+) import (.*)\n", keep, parts[0] + "\n").rstrip("\n")
    top = re.sub(r"\n\n\n+", "\n\n", top)
    return "\n\n\n".join(filter(None, (top, rest, body))) + "\n"


@variant()
def with_the_model_in_a_package(files: Files, model: str) -> None:
    path = next(path for path in files if path.endswith("models.py"))
    folder = Path(path).with_suffix("")
    text = files.pop(path).replace("from ...core", "from ....core")
    files[str(folder / "thing.py")] = text
    files[str(folder / "__init__.py")] = (
        f'"""The tables."""\n\nfrom .thing import {model}, {model}Status\n\n'
        f'__all__ = ["{model}", "{model}Status"]\n'
    )


@variant()
def with_a_factory_of_more(files: Files, model: str) -> None:
    flag = "    __allow_none_optionals__ = False\n"
    swap(files, "factories.py", flag, f"{flag}    __check_model__ = False\n")
    swap(
        files,
        "factories.py",
        "\n\nasync def make_",
        f'\n    @classmethod\n    def loud(cls) -> str:\n        return "{model}"\n\n\nasync def make_',
    )


@variant()
def without_a_factory(files: Files, model: str) -> None:
    for path in [path for path in files if path.startswith("tests/")]:
        if not path.endswith("__init__.py"):
            del files[path]


@variant()
def with_its_methods_first(files: Files, model: str) -> None:
    table = '    __table_args__ = (CheckConstraint("price >= 0", name="price_not_negative"),)\n'
    method = "\n    def shout(self) -> str:\n        return self.title.upper()\n"
    swap(files, "models.py", table, table + method)


@variant()
def with_a_class_inside(files: Files, model: str) -> None:
    def add(text: str) -> str:
        return text + "\n    class Loud:\n        title: str\n        price: int\n"

    every(files, add, "models.py")


@variant()
def with_a_decorator(files: Files, model: str) -> None:
    head = f"class {model}(PrimaryKey"
    swap(
        files,
        "models.py",
        "from enum import StrEnum\n",
        "from enum import StrEnum\nfrom typing import final\n",
    )
    swap(files, "models.py", head, f"# It is final.\n@final\n{head}")


@variant(is_formatted=False)
def with_mapper_options(files: Files, model: str) -> None:
    table = '    __table_args__ = (CheckConstraint("price >= 0", name="price_not_negative"),)\n'
    swap(files, "models.py", table, f'{table}    __mapper_args__ = {{"eager_defaults": False}}\n')


@variant(is_formatted=False)
def with_several_columns_a_line(files: Files, model: str) -> None:
    swap(files, "models.py", ", unique=True)\n    price", ", unique=True); price")


@variant()
def with_annotations_in_quotes(files: Files, model: str) -> None:
    every(
        files,
        lambda t: t.replace("Mapped[str]", 'Mapped["str"]').replace(
            "Mapped[Decimal]", 'Mapped["Decimal"]'
        ),
        "models.py",
    )


@variant(is_formatted=False)
def with_imports_packed_in_brackets(files: Files, model: str) -> None:
    old = "from ...core.db import Base, ExactDecimal, PrimaryKey, Timestamps\n"
    swap(
        files,
        "models.py",
        old,
        "from ...core.db import (Base, ExactDecimal,\n    PrimaryKey, Timestamps)\n",
    )


@variant()
def with_a_list_of_what_it_gives(files: Files, model: str) -> None:
    every(files, lambda t: t.replace("\n\n\n", f'\n\n__all__ = ["{model}"]\n\n\n', 1), "models.py")
    every(
        files,
        lambda t: t.replace("\n\n\n", f'\n\n__all__ = ["{model}Create"]\n\n\n', 1),
        "schemas.py",
    )


@variant()
def without_docstrings_of_modules(files: Files, model: str) -> None:
    every(files, lambda t: re.sub(r'^"""[^"]*"""\n\n', "", t), "models.py", "schemas.py")


@variant()
def with_a_comment_for_a_docstring(files: Files, model: str) -> None:
    every(files, lambda t: re.sub(r'^"""([^"]*)"""\n', r"# \1\n", t), "models.py", "schemas.py")


@variant()
def with_constants_below_the_imports(files: Files, model: str) -> None:
    every(
        files,
        lambda t: t.replace("\n\n\n", "\n\nLONGEST = 200\n\n\n", 1).replace(
            "String(200)", "String(LONGEST)"
        ),
        "models.py",
    )


@variant()
def with_a_base_of_the_schemas(files: Files, model: str) -> None:
    def part(text: str) -> str:
        head, _, rest = text.partition(f"class {model}Create(Schema):\n")
        body, _, rest = rest.partition("\n\n\n")
        own = f'class {model}Create({model}Base):\n    """What makes one."""\n'
        return f"{head}class {model}Base(Schema):\n{body}\n\n\n{own}\n\n{rest}"

    every(files, part, "schemas.py")
