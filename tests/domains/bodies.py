"""Bodies for the routes of a spec: valid values of each field, distinct from row to row."""

import re
from collections.abc import Mapping
from typing import Any

from groundplan.fields.spec import Constraint, Field, Model

PATTERNS = {  # values of the patterns in the specs, by pattern
    r"^[A-Z0-9-]{4,20}$": "AB-{:04}",
    r"^[A-Z]{2}$": "NL",
    r"^[A-Z][A-Z0-9]{1,9}$": "P{:04}",
    r"^#[0-9a-f]{6}$": "#{:06x}",
    r"^[0-9a-f]{64}$": "{:064x}",
}
LATER = {"datetime": "2026-02-{:02}T09:30:00Z", "date": "2026-02-{:02}"}


def body(model: Model, keys: Mapping[str, list[str]], number: int) -> dict[str, Any]:
    """Return a body that creates a row.

    Args:
        keys: of existing rows, by model.
        number: of the row, counted from 1: no two rows of a model are alike.
    """
    later = {one.fields[one.operator in ("<", "<=")] for one in model.constraints if is_check(one)}
    return {
        name: value
        for one in model.fields
        if not one.readonly
        for name, value in json_of(one, keys, number + 10 * (one.name in later)).items()
    }


def json_of(field: Field, keys: Mapping[str, list[str]], number: int) -> dict[str, Any]:
    if field.type == "many":
        assert field.target is not None
        name = re.sub(r"ies$", "y", field.name).removesuffix("s")
        return {f"{name}_ids": keys.get(field.target.model, [])}
    if field.type == "ref":
        assert field.target is not None
        found = keys.get(field.target.model, [])
        return {f"{field.name}_id": found[number % 10 - 1] if len(found) >= number % 10 else None}
    return {field.name: value_of(field, number)}


def value_of(field: Field, number: int) -> Any:
    day = number % 28 + 1
    least = int(float(field.ge or 0))
    values: dict[str, Any] = {
        "text": f"text {number}",
        "int": least + number,
        "bigint": least + number,
        "smallint": least + number % 4,
        "float": min(number / 100, float(field.le or number)),
        "decimal": f"{number}.{'0' * (field.scale or 0)}",
        "bool": True,
        "date": LATER["date"].format(day),
        "datetime": LATER["datetime"].format(day),
        "time": f"{number % 24:02}:30:00",
        "duration": f"PT{number}H",
        "uuid": f"{number:08}-0000-4000-8000-000000000000",
        "bytes": "AAAA" * 10 + "AAA=",
        "json": {"number": number},
        "enum": field.choices[0] if field.choices else None,
        "list": [],
        "email": f"p{number}@example.org",
        "url": f"https://example.org/{number}",
        "slug": f"s-{number}",
        "secret": f"{number:040}",
        "str": PATTERNS.get(field.pattern or "", "t{:05}").format(number)[: field.length],
    }
    return values[field.type]


def is_check(one: Constraint) -> bool:
    return one.kind == "check"
