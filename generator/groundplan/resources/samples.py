"""Values for the factories of the tests, where polyfactory does not find valid ones itself."""

from collections.abc import Collection
from decimal import ROUND_CEILING, Decimal

from ..fields.rules import FEWEST
from ..fields.spec import Field, TypeName
from ..fields.values import INTEGERS, width
from .columns import Column
from .formatting import quote

MEMBERS: dict[TypeName, str] = {  # of lists
    "str": "token_hex(8)",
    "int": "1",
    "float": "0.5",
    "bool": "True",
    "date": "date(2026, 1, 31)",
    "datetime": "utc_now()",
    "time": "time(9, 30)",
    "uuid": "uuid4()",
}
FEW_DIGITS = 4  # more random digits are never the same in two rows


def sample(column: Column, distinct: Collection[str] = ()) -> str | None:
    """Return the expression that makes a value, or None if polyfactory needs no help.

    Args:
        distinct: the names of fields that are not unique, and get distinct values all the same.
    """
    is_distinct = column.field.unique or column.field.name in distinct
    values = _distinct(column) if is_distinct else None
    return f"Use(next, cycle({values}))" if values is not None else _random(column)


def _distinct(column: Column) -> str | None:
    """Return distinct values, for the types that have only a few."""
    field = column.field
    if field.type in INTEGERS:
        return _numbers(field, 1)
    if field.type == "decimal":
        scale = field.scale or 0
        numbers = _numbers(field, 10**scale)
        if scale == 0:
            return f"map(Decimal, {numbers})"
        return f"[Decimal(n).scaleb(-{scale}) for n in {numbers}]"
    if field.type == "date":
        return f"[date(2026, 1, 1) + timedelta(n) for n in range({FEWEST})]"
    if field.type == "time":
        return "[time(n // 60, n % 60) for n in range(24 * 60)]"
    if field.type in ("email", "url"):
        before, digits, after = _address(field)
    elif column.python == "str" and field.pattern is None:
        before, digits, after = "", _length(field), ""
    else:
        return None
    if digits > FEW_DIGITS:
        return None
    form = f"0{digits}x" if digits > 1 else "x"
    return f'[f"{before}{{n:{form}}}{after}" for n in range({16 ** min(digits, 2)})]'


def _numbers(field: Field, unit: int) -> str:
    """Return the first numbers that a field allows, in units of its last digit."""
    if field.ge is not None:
        first = int((Decimal(field.ge) * unit).to_integral_value(ROUND_CEILING))
    elif field.le is not None:
        first = int(Decimal(field.le) * unit // 1) - FEWEST + 1
    else:
        first = 0
    return numbers_from(first, FEWEST)


def numbers_from(first: int, number: int) -> str:
    """Return an expression for a number of integers."""
    return f"range({first}, {first + number})" if first else f"range({number})"


def _random(column: Column) -> str | None:
    field = column.field
    if field.type in ("email", "url"):
        before, digits, after = _address(field)
        token = f"token_hex({-(-digits // 2)})" + (f"[:{digits}]" if digits % 2 else "")
        return f'Use(lambda: f"{before}{{{token}}}{after}")'
    if column.python == "str" and field.pattern is None:
        size = _length(field) // 2 * 2
        if size >= max(field.min or 0, 2):
            return f"Use(token_hex, {size // 2})"
    if field.type == "bytes":
        return f"Use(token_bytes, {max(field.min or 0, min(field.max or 8, 8))})"
    if field.type == "decimal":
        bound = field.ge if field.ge is not None else field.le
        return f"Use(Decimal, {quote(bound or '0')})"
    if field.type in ("list", "array"):
        return f"Use(lambda: [{MEMBERS[field.item or 'str']}] * {field.min or 1})"
    return {
        "datetime": "Use(utc_now)",
        "duration": "Use(lambda: timedelta(seconds=randbelow(10**6)))",
        "json": "Use(dict[str, Any])",
    }.get(field.type)


def _length(field: Field) -> int:
    """How many hexadecimal digits a text has."""
    return max(min(field.max or width(field) or 32, 32), field.min or 0)


def _address(field: Field) -> tuple[str, int, str]:
    """Return what precedes the digits of an address, how many digits it has, and what follows.

    Its length is within the field's bounds.
    """
    longest = field.max or width(field) or 32
    before, after = ("", "@example.org") if field.type == "email" else ("https://example.org/", "")
    if longest < len(before) + 16 + len(after):
        before, after = ("", "@b.c") if field.type == "email" else ("http://", "")
    room = longest - len(before) - len(after)
    return before, max(min(room, 16), (field.min or 0) - len(before) - len(after)), after
