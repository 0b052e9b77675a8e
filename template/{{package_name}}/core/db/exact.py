# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Conversions that keep a value exactly, or refuse it."""

import json
import re
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

ENDS_OF_TIME = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))

LONG_NUMBER = re.compile(r"\d{19}")


def to_utc(value: datetime) -> datetime:
    """Return the same instant in UTC.

    Raises:
        ValueError: the value is naive; or it is the first or the last instant of the calendar, or
            beyond, which a database may take for infinity.
    """
    if value.tzinfo is None:
        raise ValueError(
            f"{value!r} has no time zone: a column holds an instant, so give the value a time zone, "
            "as in datetime.now(UTC)"
        )
    try:
        instant = value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{value!r} is outside the calendar in UTC") from error
    if instant in ENDS_OF_TIME:
        raise ValueError(f"{value!r} is an end of the calendar, which databases use for infinity")
    return instant


def to_time_of_day(value: time) -> time:
    """Return the value, or raise ValueError if it has a time zone, which the column would drop."""
    if value.tzinfo is not None:
        raise ValueError(f"{value!r} has a time zone: a time of day is stored without one")
    return value


def to_exact(value: Decimal | int, precision: int, scale: int) -> Decimal:
    """Return the same number with `scale` decimal places, and `precision` digits in total.

    Raises:
        ValueError: the column would have to round or truncate the number.
    """
    number = Decimal(value)
    try:
        exact = number.quantize(Decimal(1).scaleb(-scale))
    except InvalidOperation:
        exact = Decimal("NaN")
    if exact.is_nan() or exact != number or len(exact.as_tuple().digits) > precision:
        raise ValueError(
            f"{value} does not fit into {precision} digits, {scale} of them decimals: round it first"
        )
    return exact


def to_json(document: Any) -> str:
    """Return the text of a JSON document.

    Raises:
        ValueError: it holds NaN, an infinity, or an integer of more than 64 bits, which a database
            may turn into a float.
    """
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    if LONG_NUMBER.search(text):
        json.loads(text, parse_int=to_64_bits)
    return text


def to_64_bits(digits: str) -> int:
    """Return the number, or raise ValueError if it has more than 64 bits, signed or unsigned."""
    number = int(digits)
    if not -(2**63) <= number < 2**64:
        raise ValueError(f"{digits} has more than 64 bits: pass it as text")
    return number


def utc_now() -> datetime:
    """Return the current time by the client's clock, the same on every database."""
    return datetime.now(UTC)


def escape_like(text: str) -> str:
    """Escape text for a LIKE with `escape="/"`, so that % and _ are literal."""
    return text.replace("/", "//").replace("%", "/%").replace("_", "/_")
