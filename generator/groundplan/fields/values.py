"""The rules of values: defaults, bounds and lengths must fit their type."""

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any, cast
from uuid import UUID

from . import words
from .refusals import Broken
from .spec import Field, TypeName
from .spelling import spell

INTEGERS = {"smallint": 16, "int": 32, "bigint": 64}
NOW = "now"
LONGEST_TEXT = 10_000  # characters of a str
LONGEST_CHOICE = 32  # characters: the width of an enum's column
CHOICE = re.compile(r"[!-~]+")  # printable ASCII without blanks
CHOICE_TABOO = frozenset("'\"\\%:,{}")  # with a meaning in SQL, in its parameters or here
SEPARATOR = re.compile(r"(?<=[A-Za-z0-9])[-_./](?=[A-Za-z0-9])")
EMAIL = re.compile(r"[\w.+-]+@([a-z0-9-]+\.)+[a-z]{2,}", re.IGNORECASE | re.ASCII)
URL = re.compile(r"https?://[a-z0-9.-]+(:\d+)?(/[!-~]*)?", re.IGNORECASE)
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SHORTEST: dict[TypeName, str] = {"email": "a@b.c", "url": "http://a"}  # else one character
LOOKAROUND = re.compile(r"\(\?(?:[=!]|<[=!]|\()|\\[1-9]|\(\?P=")


def canonical(field: Field) -> Field:
    """Check the values of a field, and return it with each in canonical spelling.

    Raises:
        Broken: a value does not fit the type, or is out of its bounds.
    """
    _check_sizes(field)
    _check_choices(field)
    _check_pattern(field)
    ge = None if field.ge is None else _read(field, "ge", field.ge)
    le = None if field.le is None else _read(field, "le", field.le)
    if ge is not None and le is not None and ge > le:
        raise Broken("bounds", spell(field), f"no number is ≥ {ge} and ≤ {le}", "Swap them.")
    changed: dict[str, Any] = {"ge": _text(ge), "le": _text(le)}
    if field.default is not None:
        default = _read(field, "default", field.default)
        _check_default(field, default, ge, le)
        changed["default"] = _text(default)
    return replace(field, **changed)


def member(choice: str) -> str:
    """Return the name of an enum's member: IN_REVIEW for in-review, A_PLUS for A+."""

    def spelled(sign: re.Match[str]) -> str:
        name = unicodedata.name(sign[0][0]).removesuffix(" SIGN").removeprefix("HYPHEN-")
        return f"_{name.replace('-', '_').replace(' ', '_')}_"

    name = re.sub(r"[^A-Za-z0-9_]|^_+$", spelled, SEPARATOR.sub("_", choice))
    name = re.sub("_+", "_", name).strip("_").upper()
    return f"VALUE_{name}" if name[0].isdigit() else name


def width(field: Field) -> int | None:
    """Return the length of a text column in characters, or None if it is unlimited."""
    return field.length if field.length is not None else words.TYPES[field.type].length


def _check_sizes(field: Field) -> None:
    if field.length is not None and not 1 <= field.length <= LONGEST_TEXT:
        problem = f"the length of a {field.type} is 1 to {LONGEST_TEXT} characters"
        raise Broken(
            "str-length", spell(field), problem, f"Write {field.name}:text for longer texts."
        )
    if field.precision is not None and not 0 <= (field.scale or 0) < field.precision:
        problem = "a decimal must have fewer decimal places than digits"
        raise Broken("decimal-digits", spell(field), problem, "Example: price:decimal=10,2.")
    if field.min is not None and field.max is not None and field.min > field.max:
        problem = f"no length is ≥ {field.min} and ≤ {field.max}"
        raise Broken("bounds", spell(field), problem, "Swap them.")
    longest = width(field)
    for name, size in (("min", field.min), ("max", field.max)):
        if longest is not None and size is not None and size > longest:
            problem = f"{name}={size} is more than the column's {longest} characters"
            raise Broken("bounds", spell(field), problem, f"Write {name}={longest} or less.")
    shortest = SHORTEST.get(field.type, "a")
    if field.max is not None and field.max < len(shortest):
        problem = f"no value is as short as max={field.max}"
        raise Broken("bounds", spell(field), problem, f"Write max={len(shortest)} or more.")


def _check_choices(field: Field) -> None:
    seen: dict[str, str] = {}
    for choice in field.choices:
        fits = CHOICE.fullmatch(choice) and len(choice) <= LONGEST_CHOICE
        if not fits or CHOICE_TABOO.intersection(choice):
            problem = (
                f"{choice!r} is not a valid enum value: use 1 to {LONGEST_CHOICE} printable ASCII "
                "characters without blanks, quotes and \\ % : { }"
            )
            raise Broken("enum-value", spell(field), problem, "Example: enum=draft,in-review,A+.")
        name = member(choice)
        if name in seen:
            problem = f"{seen[name]!r} and {choice!r} would be the same enum member {name}"
            raise Broken("enum-twice", spell(field), problem, "Remove one of them.")
        seen[name] = choice


def _check_pattern(field: Field) -> None:
    if field.pattern is None:
        return
    try:
        re.compile(field.pattern)
    except re.error as error:
        problem = f"pattern={field.pattern} is not a valid regular expression: {error}"
        raise Broken("pattern", spell(field), problem, "Example: pattern=^[A-Z]+$.") from None
    if LOOKAROUND.search(field.pattern):
        problem = "Pydantic supports neither lookaround nor backreferences in a pattern"
        raise Broken(
            "pattern", spell(field), problem, "Check that part in a validator of the schema."
        )


def _check_default(field: Field, default: Any, ge: Any, le: Any) -> None:
    if (ge is not None and default < ge) or (le is not None and default > le):
        _refuse_default(field, "is out of the field's bounds")
    if isinstance(default, str) and field.type != "enum":
        if len(default) < (field.min or 0):
            _refuse_default(field, f"is shorter than min={field.min}")
        longest = field.max if field.max is not None else width(field)
        if longest is not None and len(default) > longest:
            _refuse_default(field, f"is longer than {longest} characters")
        if field.pattern is not None and not re.search(field.pattern, default):
            _refuse_default(field, f"does not match pattern={field.pattern}")
    if isinstance(default, list) and not _fits(field, len(cast("list[object]", default))):
        _refuse_default(field, "has fewer items than min= or more than max=")


def _fits(field: Field, size: int) -> bool:
    return (field.min or 0) <= size and (field.max is None or size <= field.max)


def _refuse_default(field: Field, reason: str) -> None:
    problem = f"default={field.default} {reason}"
    raise Broken("default-bounds", spell(field), problem, "Choose another default, or remove it.")


def _read(field: Field, modifier: str, text: str) -> Any:
    try:
        return _READERS[field.type](field, text)
    except (ValueError, InvalidOperation):
        problem = f"{modifier}={text} is not {_SAYS.get(field.type, field.type)}"
        example = _EXAMPLES.get(field.type) or (field.choices[0] if field.choices else "")
        raise Broken(
            f"{modifier}-value", spell(field), problem, f"Example: {modifier}={example}."
        ) from None


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(_text(item) or "" for item in cast("list[object]", value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _integer(field: Field, text: str) -> int:
    value = _whole(text)
    bits = INTEGERS[field.type]
    if not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
        raise ValueError
    return value


def _whole(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,19}", text):
        raise ValueError
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if not (isfinite(value) and text.isascii() and "_" not in text):
        raise ValueError
    return value


def _decimal(field: Field, text: str) -> Decimal:
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        raise ValueError
    value = Decimal(text)
    precision, scale = field.precision or 0, field.scale or 0
    _, digits, exponent = value.normalize().as_tuple()
    if not isinstance(exponent, int) or -exponent > scale:
        raise ValueError
    if value and len(digits) + exponent > precision - scale:
        raise ValueError
    return value


def _bool(text: str) -> bool:
    known = {"true": True, "yes": True, "false": False, "no": False}
    if text.lower() not in known:
        raise ValueError
    return known[text.lower()]


def _moment(text: str) -> datetime | str:
    if text.lower() == NOW:
        return NOW
    value = datetime.fromisoformat(text)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _day(text: str) -> date | str:
    return NOW if text.lower() in (NOW, "today") else date.fromisoformat(text)


def _time(text: str) -> time | str:
    if text.lower() == NOW:
        return NOW
    value = time.fromisoformat(text)
    if value.tzinfo is not None:
        raise ValueError
    return value


def _choice(field: Field, text: str) -> str:
    if text not in field.choices:
        raise ValueError
    return text


def _json(text: str) -> str:
    document = json.loads(text)
    if not isinstance(document, dict):
        raise ValueError
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def _list(field: Field, text: str) -> list[Any]:
    if not text:
        return []
    item = field.item or "str"
    return [_READERS[item](replace(field, type=item), part.strip()) for part in text.split(",")]


def _matching(pattern: re.Pattern[str]) -> Callable[[Field, str], str]:
    def read(_field: Field, text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError
        return text

    return read


_READERS: dict[TypeName, Callable[[Field, str], Any]] = {
    "str": lambda _field, text: text,
    "text": lambda _field, text: text,
    "citext": lambda _field, text: text,
    "int": _integer,
    "bigint": _integer,
    "smallint": _integer,
    "float": lambda _field, text: _float(text),
    "decimal": _decimal,
    "bool": lambda _field, text: _bool(text),
    "date": lambda _field, text: _day(text),
    "time": lambda _field, text: _time(text),
    "datetime": lambda _field, text: _moment(text),
    "uuid": lambda _field, text: UUID(text),
    "json": lambda _field, text: _json(text),
    "enum": _choice,
    "list": _list,
    "array": _list,
    "email": _matching(EMAIL),
    "url": _matching(URL),
    "slug": _matching(SLUG),
}

_SAYS: dict[TypeName, str] = {
    "smallint": "an integer of 16 bits",
    "int": "an integer of 32 bits",
    "bigint": "an integer of 64 bits",
    "float": "a finite number",
    "decimal": "a number with these digits",
    "bool": "true or false",
    "date": "a date",
    "time": "a time of day without a time zone",
    "datetime": "a date and time",
    "uuid": "a UUID",
    "json": "a JSON object",
    "enum": "a value of this enum",
    "list": "a list of this type, separated by commas",
    "array": "a list of this type, separated by commas",
    "email": "an email address",
    "url": "an http or https URL",
    "slug": "a slug",
}

_EXAMPLES: dict[TypeName, str] = {
    "smallint": "1",
    "int": "1",
    "bigint": "1",
    "float": "1.5",
    "decimal": "0",
    "bool": "true",
    "date": "2026-01-31",
    "time": "09:30",
    "datetime": "2026-01-31T09:30:00+00:00",
    "uuid": "01890a5d-ac96-774b-bcce-b302099a8057",
    "json": "{}",
    "list": "a,b",
    "array": "a,b",
    "email": "ada@example.org",
    "url": "https://example.org",
    "slug": "a-slug",
}
