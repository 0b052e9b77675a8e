"""Further variants: schemas, factories, packages, and styles of writing a module."""

import re
from pathlib import Path

from .variants import VARIANTS, Files, every, swap, variant

__all__ = ["VARIANTS"]


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
    """Remove the imports that the rest of the module does not use."""

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
