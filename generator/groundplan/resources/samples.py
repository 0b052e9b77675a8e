"""What makes the values that tests begin with, where polyfactory does not know by itself."""

from decimal import ROUND_CEILING, Decimal

from ..fields.rules import FEWEST
from ..fields.spec import Field, TypeName
from ..fields.values import INTEGERS, width
from .answers import Shape
from .layout import Expression, call, quote

MEMBERS: dict[TypeName, str] = {  # of the lists in tests
    "str": "token_hex(8)",
    "int": "1",
    "float": "0.5",
    "bool": "True",
    "date": "date(2026, 1, 31)",
    "datetime": "utc_now()",
    "time": "time(9, 30)",
    "uuid": "uuid4()",
}
FEW_DIGITS = 4  # with more, chance does not give two rows the same


def sample(shape: Shape) -> Expression | None:
    """Return what makes a value for a test, or None where polyfactory knows by itself."""
    field = shape.column.field
    values = _in_turn(shape) if field.unique else None
    return call("Use", "next", values) if values is not None else _by_chance(shape)


def _in_turn(shape: Shape) -> Expression | None:
    """Return an iterator of values, no two of which are alike, for the types that have but few."""
    field = shape.column.field
    if field.type in INTEGERS:
        return call("cycle", _numbers(field, 1))
    if field.type == "decimal":
        scale = field.scale or 0
        numbers = _numbers(field, 10**scale)
        if scale == 0:
            return call("cycle", f"map(Decimal, {numbers})")
        return call("cycle", f"[Decimal(n).scaleb(-{scale}) for n in {numbers}]")
    if field.type == "date":
        return call("cycle", f"[date(2026, 1, 1) + timedelta(n) for n in range({FEWEST})]")
    if field.type == "time":
        return call("cycle", "[time(n // 60, n % 60) for n in range(24 * 60)]")
    if field.type in ("email", "url"):
        before, digits, after = _address(field)
    elif shape.column.python == "str" and field.pattern is None:
        before, digits, after = "", _length(field), ""
    else:
        return None
    if digits > FEW_DIGITS:
        return None
    form = f"0{digits}x" if digits > 1 else "x"
    return call("cycle", f'[f"{before}{{n:{form}}}{after}" for n in range({16 ** min(digits, 2)})]')


def _numbers(field: Field, unit: int) -> str:
    """Return the numbers that a field can have first, in units of its last digit."""
    if field.ge is not None:
        first = int((Decimal(field.ge) * unit).to_integral_value(ROUND_CEILING))
    elif field.le is not None:
        first = int(Decimal(field.le) * unit // 1) - FEWEST + 1
    else:
        first = 0
    return f"range({first}, {first + FEWEST})" if first else f"range({FEWEST})"


def _by_chance(shape: Shape) -> Expression | None:
    column, field = shape.column, shape.column.field
    if field.type in ("email", "url"):
        before, digits, after = _address(field)
        made = f"token_hex({-(-digits // 2)})" + (f"[:{digits}]" if digits % 2 else "")
        return call("Use", f'lambda: f"{before}{{{made}}}{after}"')
    if column.python == "str" and field.pattern is None:
        size = _length(field)
        size = size if size % 2 == 0 else size - 1
        if size >= max(field.min or 0, 2):
            return call("Use", "token_hex", str(size // 2))
    if field.type == "bytes":
        size = max(field.min or 0, min(field.max or 8, 8))
        return call("Use", "token_bytes", str(size))
    if field.type == "decimal":
        bound = field.ge if field.ge is not None else field.le
        return call("Use", "Decimal", quote(bound or "0"))
    if field.type == "list":
        return call("Use", f"lambda: [{MEMBERS[field.item or 'str']}] * {field.min or 1}")
    return {
        "datetime": call("Use", "utc_now"),
        "duration": call("Use", "lambda: timedelta(seconds=randbelow(10**6))"),
        "json": call("Use", "dict[str, Any]"),
    }.get(field.type)


def _length(field: Field) -> int:
    """How many hexadecimal digits a text has in tests."""
    return max(min(field.max or width(field) or 32, 32), field.min or 0)


def _address(field: Field) -> tuple[str, int, str]:
    """Return what an address has before its digits, how many it has of them, and what comes behind.

    It is no shorter and no longer than the field allows.
    """
    longest = field.max or width(field) or 32
    before, after = ("", "@example.org") if field.type == "email" else ("https://example.org/", "")
    if longest < len(before) + 16 + len(after):
        before, after = ("", "@b.c") if field.type == "email" else ("http://", "")
    room = longest - len(before) - len(after)
    return before, max(min(room, 16), (field.min or 0) - len(before) - len(after)), after
