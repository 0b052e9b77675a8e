"""Values that a field rejects, for the tests of a resource."""

import re
from collections.abc import Iterator
from decimal import Decimal

from ..fields.spec import Field, TypeName
from ..fields.values import INTEGERS, width
from .formatting import quote

MALFORMED: dict[TypeName, str] = {
    "email": '"nobody"',
    "url": '"nowhere"',
    "slug": '"No slug"',
}
MEMBERS: dict[TypeName, str] = {  # in JSON
    "str": '"x"',
    "int": "1",
    "float": "0.5",
    "bool": "True",
    "date": '"2026-01-31"',
    "datetime": '"2026-01-31T09:30:00Z"',
    "time": '"09:30:00"',
    "uuid": '"01890a5d-ac96-774b-bcce-b302099a8057"',
}
UNLIKE = ("", "x", "0", " ", "-", "X", "x" * 100)  # hardly any pattern matches all of them


def invalid_values(field: Field) -> Iterator[str]:
    """Yield the nearest values that a field rejects, as literals."""
    if field.type in MALFORMED:
        yield MALFORMED[field.type]
    if field.type == "enum":
        yield '"other"' if "other" not in field.choices else '"another-one"'
    yield from _out_of_bounds(field)
    if field.pattern is not None:
        unlike = (text for text in UNLIKE if not re.search(field.pattern, text))
        yield from (quote(text) for text in [*unlike][:1])
    elif field.type in ("str", "citext", "text", "secret", "slug"):
        yield from _lengths(field, '"x"', '""', width(field))
    elif field.type == "password":
        yield '"x" * 11'
    elif field.type in ("list", "array"):
        yield from _lengths(field, f"[{MEMBERS[field.item or 'str']}]", "[]")
    elif field.type == "bytes":
        if field.min:
            yield '""'
        if field.max:
            yield f'"AAAA" * {field.max // 3 + 1}'


def _out_of_bounds(field: Field) -> Iterator[str]:
    for bound, step in ((field.ge, -1), (field.le, 1)):
        if bound is None:
            continue
        if field.type in INTEGERS:
            yield str(int(bound) + step)
        elif field.type == "decimal":
            yield f'"{Decimal(bound) + step:f}"'
        elif float(bound) + step != float(bound):
            yield repr(float(bound) + step)


def _lengths(field: Field, one: str, none: str, longest: int | None = None) -> Iterator[str]:
    if field.min:
        yield none if field.min == 1 else f"{one} * {field.min - 1}"
    most = field.max or longest
    if most is not None:
        yield f"{one} * {most + 1}"
