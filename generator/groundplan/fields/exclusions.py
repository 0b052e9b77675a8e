"""Exclusions: `exclude=room,starts_at..ends_at`, so that the periods of a room do not overlap."""

import re
from collections.abc import Iterable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from .refusals import Broken, Misspelt
from .spec import Constraint, Field, Model, TypeName
from .spelling import spelled

# The range of two values, as PostgreSQL's function that makes it.
RANGES: dict[TypeName, str] = {
    "smallint": "int4range",
    "int": "int4range",
    "bigint": "int8range",
    "decimal": "numrange",
    "date": "daterange",
    "datetime": "tstzrange",
}
# Types that the extension btree_gist compares.
EQUALS: frozenset[TypeName] = frozenset(
    (*RANGES, "email", "enum", "ref", "slug", "str", "time", "url", "uuid")
)
FEWEST = 100  # periods that do not overlap


def exclusion_of(word: str, text: str) -> Constraint:
    """Parse the fields of an exclusion: those that must be equal, and the two bounds.

    Raises:
        Misspelt: it has another form.
    """
    *equal, period = (part.strip() for part in text.split(","))
    first, dots, last = (part.strip() for part in period.partition(".."))
    fields = (*equal, first, last)
    if not dots or not all(re.fullmatch(r"\w+", one) for one in fields):
        problem = "write exclude= with the fields that are equal, and the two bounds of a period"
        fix = "Example: exclude=room,starts_at..ends_at."
        raise Misspelt("constraint-form", word, problem, fix)
    return Constraint(kind="exclude", fields=fields)


def with_checks(constraints: Iterable[Constraint]) -> list[Constraint]:
    """Return constraints, with the check that a period begins before it ends."""
    found = [*constraints]
    for one in (one for one in constraints if one.kind == "exclude"):
        check = Constraint(kind="check", fields=one.fields[-2:], operator="<")
        if check not in found:
            found.insert(found.index(one) + 1, check)
    return found


def check_exclusion(one: Constraint, model: Model, fields: Mapping[str, Field]) -> None:
    """Check the types of an exclusion, and that tests can make rows.

    Raises:
        Broken: it breaks a rule.
    """
    *equal, first, last = one.fields
    for name in (first, last):
        if name not in fields or fields[name].type not in RANGES:
            said = f", unlike the {fields[name].type} {name}" if name in fields else ""
            problem = f"the bounds of a period are numbers, dates or datetimes{said}"
            raise Broken("constraint-type", spelled(one), problem, "Name other fields.")
    kinds = {RANGES[fields[name].type].replace("8", "4") for name in (first, last)}
    if len(kinds) > 1:
        problem = f"{first} and {last} are of different types"
        raise Broken("constraint-type", spelled(one), problem, "Compare fields of one type.")
    for name in equal:
        if name in fields and fields[name].type not in EQUALS:
            problem = (
                f"{name} is of the type {fields[name].type!r}, which an exclusion cannot compare"
            )
            raise Broken("constraint-type", spelled(one), problem, "Leave it out.")
    for field in (fields[name] for name in equal if name in fields):
        if field.readonly or field.writeonly:
            problem = f"requests cannot set {field.name}, or answers do not show it"
            fix = "Write the constraint by hand."
            raise Broken("exclude-readonly", spelled(one), problem, fix)
    for other in model.constraints:
        shared = [name for name in (first, last) if name in other.fields]
        if other.kind == "unique" and shared:
            problem = f"{shared[0]} is in {spelled(other)}, too"
            raise Broken("exclude-unique", spelled(one), problem, "Remove one of them.")
    bounds = (fields[first], fields[last])
    if bounds[0].type not in ("date", "datetime"):
        low = lowest(*bounds)
        inside = (_is_within(bound, low) and _is_within(bound, low + FEWEST) for bound in bounds)
        if not all(inside):
            problem = f"there are fewer than {FEWEST} periods within the bounds of the fields"
            raise Broken("exclude-few", spelled(one), problem, "Widen the bounds.")


def range_of(first: Field, last: Field) -> str:
    """Return the function that makes the range of two fields."""
    return max(RANGES[one.type] for one in (first, last))


def lowest(first: Field, last: Field) -> int:
    """Return where the first of the tests' periods begins."""
    least = [Decimal(one.ge) for one in (first, last) if one.ge is not None]
    most = [Decimal(one.le) for one in (first, last) if one.le is not None]
    if least:
        return int(max(least).to_integral_value(ROUND_CEILING))
    return min(int(min(most).to_integral_value(ROUND_FLOOR)) - FEWEST, 0) if most else 0


def _is_within(field: Field, value: int) -> bool:
    digits = 10 ** ((field.precision or 20) - (field.scale or 0))
    low = Decimal(field.ge) if field.ge is not None else -digits + 1
    high = Decimal(field.le) if field.le is not None else digits - 1
    return low <= value <= high
