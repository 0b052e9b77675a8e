"""The rules of names: of apps, models, fields and addresses."""

import builtins
import keyword
import re
from collections.abc import Iterator

from . import reserved
from .refusals import Broken
from .spec import Field, Model

APP = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
MODEL = re.compile(r"[A-Z][A-Za-z0-9]*")
FIELD = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
PLURAL = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
UNCHANGING = frozenset({"news", "series", "species"})
# Plurals of nouns in -ie, and of those in -s, -x, -sh and -ch: not caches, houses, causes.
ENDING_IN_IES = frozenset(
    {"brownies", "calories", "cookies", "genies", "movies", "pies", "rookies", "ties", "zombies"}
)
ENDING_IN_ES = re.compile(r"(ss|x|sh|[^aeiou]ch|[aeo][aeo]ch|[^aeo]us)es$")
LONGEST = 40  # characters, so that the names of constraints fit the 63 of PostgreSQL
TAKEN_APPS = ("core", "tests")


def check_app(name: str) -> None:
    """Check an app's name.

    Raises:
        Broken: it breaks a rule.
    """
    if not APP.fullmatch(name):
        problem = (
            "an app's name starts with a letter and contains only lowercase letters, digits and "
            "single underscores"
        )
        raise Broken("app-name", name, problem, _similar(_snake(name), "Example: shop."))
    _check_length("app", name)
    _check_keyword("app", name)
    if name in TAKEN_APPS:
        problem = "the template has a folder of this name"
        raise Broken("app-taken", name, problem, f"Choose another name, for example {name}_app.")


def check_model(model: Model) -> None:
    """Check a model's name, its table's and its address's.

    Raises:
        Broken: one of them breaks a rule.
    """
    name = model.name
    if not MODEL.fullmatch(name):
        problem = "a model's name starts with a capital and contains only ASCII letters and digits"
        raise Broken("model-name", name, problem, _similar(_pascal(name), "Example: OrderLine."))
    _check_length("model", name)
    _check_keyword("model", name)
    if name in reserved.IMPORTED or hasattr(builtins, name):
        problem = "the generated code uses this name for something else"
        raise Broken("model-taken", name, problem, f"Choose another name, for example {name}Item.")
    if name in reserved.CORE:
        problem = "the template has a model of this name"
        raise Broken("model-taken", name, problem, f"Choose another name, for example {name}Item.")
    table = table_of(name)
    if table in reserved.SQL:
        problem = f"the name of its table, {table!r}, is a reserved word of SQL"
        raise Broken("sql-word", name, problem, f"Choose another name, for example {name}Item.")
    if not PLURAL.fullmatch(model.plural):
        problem = "a plural consists of words of a-z and 0-9, joined by '-'"
        raise Broken("plural-form", model.plural, problem, f"Example: {plural_of(name)}.")


def check_task(name: str) -> None:
    """Check a task's name.

    Raises:
        Broken: it breaks a rule.
    """
    if not FIELD.fullmatch(name):
        problem = (
            "a task's name starts with a letter and contains only lowercase letters, digits and "
            "single underscores"
        )
        raise Broken("task-name", name, problem, _similar(_snake(name), "Example: send_receipt."))
    _check_length("task", name)
    _check_keyword("task", name)
    if name in reserved.TASK_NAMES or hasattr(builtins, name):
        problem = "the generated code uses this name for something else"
        raise Broken("task-taken", name, problem, f"Choose another name, for example {name}_later.")
    if name.startswith("test"):
        problem = "pytest would run a function of this name as a test"
        raise Broken("task-taken", name, problem, f"Choose another name, for example run_{name}.")


def check_field(field: Field) -> None:
    """Check a field's name, and those of the attributes that it becomes.

    Raises:
        Broken: one of them breaks a rule.
    """
    name = field.name
    if not FIELD.fullmatch(name):
        problem = (
            "a field's name starts with a letter and contains only lowercase letters, digits and "
            "single underscores"
        )
        raise Broken("field-name", name, problem, _similar(_snake(name), "Example: full_name."))
    _check_length("field", name)
    for attribute in attributes(field):
        _check_attribute(name, attribute)
    if field.type not in ("ref", "many"):
        _check_word(name)
    if field.back is not None:
        if not FIELD.fullmatch(field.back):
            problem = "back= is the name of an attribute: lowercase letters, digits and single underscores"
            raise Broken("back-name", field.back, problem, "Example: back=products.")
        _check_attribute(field.back, field.back)


def attributes(field: Field) -> tuple[str, ...]:
    """Return what a field adds to its model: `author` and `author_id` for a reference."""
    if field.type == "ref":
        return (field.name, f"{field.name}_id")
    if field.type == "many":
        return (field.name, f"{singular(field.name)}_ids")
    return (field.name,)


def link_of(model: str, field: Field) -> str:
    """Return the class that links a model's rows with others: ProductTag for a Product's tags."""
    return model + "".join(map(str.capitalize, singular(field.name).split("_")))


def link_table(model: str, field: Field) -> str:
    """Return the table of a model's associations."""
    return field.table or table_of(field.through or link_of(model, field))


def table_of(model: str) -> str:
    """Return the table that the project's `Base` derives from a class's name."""
    return plural(snake(model))


def snake(model: str) -> str:
    """Return a class's name in words joined by underscores: `order_line` for OrderLine."""
    return "_".join(_words(model))


def plural_of(model: str) -> str:
    """Return the plural used in addresses: `order-lines` for OrderLine."""
    return table_of(model).replace("_", "-")


def plural(noun: str) -> str:
    """Return the English plural of a regular noun, as `core/db/base.py` has it."""
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if re.search(r"(s|x|z|ch|sh)$", noun) else f"{noun}s"


def singular(noun: str) -> str:
    """Return the noun of which `plural` gives this, or the noun itself."""
    last = noun.rpartition("_")[2]
    if last in UNCHANGING:
        return noun
    if last in ENDING_IN_IES:
        return noun.removesuffix("s")
    candidates = [noun.removesuffix("ies") + "y", noun.removesuffix("s"), noun.removesuffix("es")]
    if ENDING_IN_ES.search(noun):
        candidates.reverse()
    return next((word for word in candidates if plural(word) == noun), noun)


def local(name: str) -> str:
    """Return a name for local variables of generated functions: `address_row` for address."""
    return f"{name}_row" if name in reserved.LOCALS else name


def _check_attribute(name: str, attribute: str) -> None:
    _check_keyword("field", attribute)
    for rule, problem in _clashes(attribute):
        if attribute in reserved.EVERY_MODEL:
            fix = "Remove it: every generated model has this column."
        else:
            fix = f"Choose another name, for example {_instead(name, rule)}."
        raise Broken(rule, name, problem, fix)


def _check_word(name: str) -> None:
    """Check the name of a column; a relationship may well be called `order`."""
    if name in reserved.SQL:
        fix = f"Choose another name, for example {name}_value."
        raise Broken("sql-word", name, f"{name!r} is a reserved word of SQL", fix)


def _clashes(name: str) -> Iterator[tuple[str, str]]:
    if name in reserved.SQLALCHEMY:
        yield "sqlalchemy-name", f"every SQLAlchemy model has an attribute {name!r}"
    if name in reserved.MIXINS:
        yield "mixin-name", f"the mixin {reserved.MIXINS[name]} has a column {name!r}"
    if name in reserved.PYDANTIC or name.startswith("model_"):
        yield "pydantic-name", f"every Pydantic schema has an attribute {name!r}"
    if name in reserved.PARAMETERS:
        yield "list-parameter", f"every list route has a parameter {name!r}"
    if name in reserved.TYPES:
        yield "type-name", f"a field of this name would hide the type {name!r}"
    if name in reserved.RECEIVERS:
        yield "receiver-name", f"methods that take values by name have a parameter {name!r}"


def _instead(name: str, rule: str) -> str:
    if name in ("date", "time", "datetime"):
        return {"date": "day", "time": "starts_at", "datetime": "happened_at"}[name]
    return f"the_{name}" if rule == "pydantic-name" else f"{name}_value"


def _check_length(kind: str, name: str) -> None:
    if len(name) > LONGEST:
        problem = f"the name of {_a(kind)} has at most {LONGEST} characters, not {len(name)}"
        raise Broken("name-length", name, problem, "Choose a shorter name.")


def _check_keyword(kind: str, name: str) -> None:
    if keyword.iskeyword(name):
        fix = f"Choose another name, for example {name.lower()}_{'app' if kind == 'app' else 'value'}."
        if kind == "model":
            fix = f"Choose another name, for example {name}Item."
        raise Broken("keyword", name, "a keyword of Python", fix)


def _a(kind: str) -> str:
    return f"an {kind}" if kind == "app" else f"a {kind}"


def _words(name: str) -> list[str]:
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return parts.lower().split("_")


def _snake(name: str) -> str:
    return "_".join(re.findall(r"[a-z0-9]+", "_".join(_words(name)))).lstrip("0123456789_")


def _pascal(name: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", name)
    return "".join(word[:1].upper() + word[1:] for word in words).lstrip("0123456789")


def _similar(name: str, otherwise: str) -> str:
    return f"Write {name}." if name else otherwise
