"""Constraints and indexes across fields: `unique=a,b`, `index=a,b`, `check=a.lt.b`, `exclude=a,b..c`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from . import names, values
from .exclusions import check_exclusion, exclusion_of, with_checks
from .refusals import Broken, Misspelt, did_you_mean
from .spec import Constraint, Field, Model, Operator, TypeName
from .spelling import OPERATORS, spelled

SIGNS: dict[str, Operator] = {
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
    "!=": "!=",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "ne": "!=",
}
FORM = re.compile(r"(unique|index|check|exclude)(?:=(.*)|\((.*)\))", re.DOTALL)
CHECK = re.compile(r"\s*(\w+?)\s*(?:(<=|>=|!=|<|>)|\.(\w+)\.)\s*(\w+)\s*")
STAMPS = ("created_at", "updated_at", "id")
# Types whose values can be compared on every database: equal groups are compared with each other.
GROUPS: dict[TypeName, str] = {
    "int": "number",
    "bigint": "number",
    "smallint": "number",
    "decimal": "decimal",
    "float": "float",
    "date": "date",
    "time": "time",
    "datetime": "datetime",
    "duration": "duration",
}
KEYED = frozenset(GROUPS) | {
    "bool",
    "citext",
    "email",
    "enum",
    "ref",
    "slug",
    "str",
    "text",
    "url",
    "uuid",
}
ANCHORS = frozenset(GROUPS) - {"duration", "float"} | {
    "citext",
    "email",
    "slug",
    "str",
    "text",
    "url",
    "uuid",
}
FEWEST = 100  # rows that a unique constraint must allow
LOWEST: dict[str, str] = {
    "date": "2026-01-30",
    "time": "09:00:00",
    "datetime": "2026-01-30T09:00:00+00:00",
    "duration": "1",
}


def constraint_of(word: str) -> Constraint | None:
    """Parse a constraint; return None if the word is something else.

    Raises:
        Misspelt: it has another form.
    """
    found = FORM.fullmatch(word)
    if found is None:
        return None
    text = found[2] if found[3] is None else found[3]
    if found[1] == "check":
        return _check_of(word, text)
    if found[1] == "exclude":
        return exclusion_of(word, text)
    kind: Literal["unique", "index"] = "unique" if found[1] == "unique" else "index"
    fields = tuple(part.strip() for part in text.split(","))
    if not all(re.fullmatch(r"\w+", one) for one in fields):
        problem = f"write {kind}= with the names of fields, separated by commas"
        raise Misspelt("constraint-form", word, problem, f"Example: {kind}=author,title.")
    return Constraint(kind=kind, fields=fields)


def _check_of(word: str, text: str) -> Constraint:
    found = CHECK.fullmatch(text)
    operator = None if found is None else SIGNS.get(found[2] or found[3])
    if found is None or operator is None:
        problem = "write a check as two fields with lt, le, gt, ge or ne between them"
        fix = "Example: check=starts_at.lt.ends_at, or in quotes 'check=starts_at<ends_at'."
        raise Misspelt("constraint-form", word, problem, fix)
    return Constraint(kind="check", fields=(found[1], found[4]), operator=operator)


def column(name: str, fields: Mapping[str, Field]) -> str:
    """Return the column of a field, or of the owner."""
    is_reference = name == "owner" or (name in fields and fields[name].type == "ref")
    return f"{name}_id" if is_reference else name


def check_constraints(model: Model, longest_key: int | None, identifier: int) -> Model:
    """Check a model's constraints, and return it with each field by its own name.

    Args:
        longest_key: how many characters an index holds, if that is limited.
        identifier: the longest name of a constraint.

    Raises:
        Broken: a constraint breaks a rule.
    """
    fields = {field.name: field for field in model.fields}
    found: list[Constraint] = []
    for one in with_checks(model.constraints):
        given = tuple(_own_name(one, name, model, fields) for name in one.fields)
        checked = replace(one, fields=given)
        _check_fields(checked, fields)
        if one.kind == "exclude":
            check_exclusion(checked, model, fields)
        if checked in found:
            raise Broken("constraint-twice", spelled(one), "duplicate constraint", "Remove one.")
        found.append(checked)
        if one.kind == "check":
            _check_comparison(checked, fields, found)
        elif longest_key is not None:
            _check_length(checked, fields, longest_key)
        if one.kind == "unique":
            anchor(checked, model)
        name = constraint_name(checked, names.table_of(model.name), fields)
        if len(name) > identifier:
            problem = f"{name!r} would exceed the {identifier} characters of a name in PostgreSQL"
            raise Broken("name-length", spelled(one), problem, "Choose shorter names.")
    return replace(model, constraints=tuple(found))


def constraint_name(one: Constraint, table: str, fields: Mapping[str, Field]) -> str:
    """Return the name of a constraint in the database."""
    columns = [column(name, fields) for name in one.fields]
    if one.operator is not None:
        return f"ck_{table}_{check_name(one)}"
    prefix = {"unique": "uq", "index": "ix", "exclude": "ex"}[one.kind]
    return f"{prefix}_{table}_{'_'.join(columns)}"


def check_name(one: Constraint) -> str:
    """Return the name of a CHECK constraint, without the table's."""
    return f"{one.fields[0]}_{OPERATORS[one.operator or '<']}_{one.fields[1]}"


def _own_name(one: Constraint, name: str, model: Model, fields: Mapping[str, Field]) -> str:
    """Return the name of a field that a constraint names, or that of its column."""
    short = name.removesuffix("_id")
    if name in fields:
        return name
    if short in fields and fields[short].type == "ref":
        return short
    if short == "owner" and model.is_owned:
        return short
    if name in STAMPS and one.kind == "index":
        return name
    fix = did_you_mean(name, fields, otherwise=f"The fields are {', '.join(fields)}.")
    raise Broken("constraint-field", spelled(one), f"{model.name} has no field {name!r}", fix)


def _check_fields(one: Constraint, fields: Mapping[str, Field]) -> None:
    if len(set(one.fields)) < len(one.fields):
        raise Broken("constraint-form", spelled(one), "a field occurs twice", "Remove one of them.")
    if len(one.fields) == 1:
        problem = f"{one.kind}= is for several fields"
        fix = f"For one field, write it as a modifier: {one.fields[0]}:...:{one.kind}."
        raise Broken("constraint-form", spelled(one), problem, fix)
    for name in one.fields if one.kind != "exclude" else ():
        type_ = fields[name].type if name in fields else "ref"
        if type_ not in (GROUPS if one.kind == "check" else KEYED) and name not in STAMPS:
            verb = "compared" if one.kind == "check" else "part of a key"
            problem = f"{name} is of the type {type_!r}, which cannot be {verb}"
            raise Broken("constraint-type", spelled(one), problem, "Leave it out.")


def _check_length(one: Constraint, fields: Mapping[str, Field], longest: int) -> None:
    size = 0
    for field in (fields[name] for name in one.fields if name in fields):
        if field.type == "text":
            problem = f"{field.name} is a text, and an index cannot hold one with other columns"
            raise Broken("constraint-type", spelled(one), problem, f"Write {field.name}:str=255.")
        size += (values.width(field) or 0) if field.type != "enum" else values.LONGEST_CHOICE
    size += 16 * len(one.fields)
    if size > longest:
        problem = f"an index holds at most {longest} characters, and these may need {size}"
        raise Broken("key-length", spelled(one), problem, "Shorten a str.")


# Comparisons


def _check_comparison(
    one: Constraint, fields: Mapping[str, Field], found: Iterable[Constraint]
) -> None:
    first, second = (fields[name] for name in one.fields)
    groups = [GROUPS[field.type] for field in (first, second)]
    if groups[0] != groups[1] or first.scale != second.scale:
        problem = f"{first.name} and {second.name} are of different types"
        raise Broken("constraint-type", spelled(one), problem, "Compare fields of one type.")
    for field in (first, second):
        others = [other for other in found if other.kind == "check" and field.name in other.fields]
        if len(others) > 1:
            problem = f"{field.name} is in {spelled(others[0])}, too"
            fix = "Write the second check by hand, and a factory that makes such rows."
            raise Broken("check-twice", spelled(one), problem, fix)
        if field.unique:
            problem = f"{field.name} is unique"
            raise Broken("check-unique", spelled(one), problem, "Write the check by hand.")
        if field.readonly or field.writeonly:
            problem = f"requests cannot set {field.name}, or answers do not show it"
            raise Broken("check-readonly", spelled(one), problem, "Write the check by hand.")
    if groups[0] in LOWEST:
        return
    low, high = compared(one, fields)
    for field, value in ((first, low), (second, high)):
        if not _is_within(field, value):
            problem = f"no row with {one.operator} was found within the bounds of the fields"
            raise Broken("check-bounds", spelled(one), problem, "Widen the bounds.")
    if not satisfies(first.default, one.operator, second.default):
        problem = "the defaults do not satisfy it"
        raise Broken("check-default", spelled(one), problem, "Change one of the defaults.")


def compared(one: Constraint, fields: Mapping[str, Field]) -> tuple[Decimal, Decimal]:
    """Return two numbers that satisfy a check, in the order of its fields."""
    first, second = (fields[name] for name in one.fields)
    if one.operator in (">", ">="):
        second, first = first, second
    low = Decimal(first.ge) if first.ge is not None else min(Decimal(first.le or 0), Decimal(0))
    high = max(low + 1, Decimal(second.ge) if second.ge is not None else low + 1)
    return (high, low) if one.operator in (">", ">=") else (low, high)


def _is_within(field: Field, value: Decimal) -> bool:
    digits = 10 ** ((field.precision or 20) - (field.scale or 0))
    bits = values.INTEGERS.get(field.type, 64)
    most = min(Decimal(digits), Decimal(2) ** (bits - 1)) - 1
    low = Decimal(field.ge) if field.ge is not None else -most
    high = Decimal(field.le) if field.le is not None else most
    return low <= value <= high


def satisfies(first: str | None, operator: Operator | None, second: str | None) -> bool:
    """Whether two defaults satisfy a check, if both are numbers."""
    try:
        one, other = Decimal(first or "x"), Decimal(second or "x")
    except ArithmeticError:
        return True
    return {
        "<": one < other,
        "<=": one <= other,
        ">": one > other,
        ">=": one >= other,
        "!=": one != other,
    }[operator or "<"]


def anchor(one: Constraint, model: Model) -> str:
    """Return the field whose values are distinct in the tests of a unique constraint.

    Raises:
        Broken: no field can have many values.
    """
    fields = {field.name: field for field in model.fields}
    checked = {
        name for other in model.constraints if other.kind == "check" for name in other.fields
    }
    own = [fields[name] for name in one.fields if name in fields]
    for field in own:
        if field.readonly or field.writeonly:
            problem = f"requests cannot set {field.name}, or answers do not show it"
            fix = "Write the constraint by hand."
            raise Broken("unique-readonly", spelled(one), problem, fix)
    for field in own:
        is_other = field.target is not None and field.target.model != model.name
        if field.type == "ref" and is_other and field != model.parent:
            return field.name
    for field in own:
        narrow = field.ge is not None and field.le is not None
        short = field.type in ("str", "citext", "text") and (field.max or field.length or 99) < 8
        free = field.pattern is None and field.name not in checked
        if field.type in ANCHORS and not narrow and not short and free:
            return field.name
    problem = f"the table could have too few rows: none of the fields has {FEWEST} values"
    raise Broken("unique-few", spelled(one), problem, "Add a field with more values.")
