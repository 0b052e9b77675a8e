# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Values that every database must keep exactly, or refuse."""

import json
import re
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

ENDS_OF_TIME = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))

LONG_NUMBER = re.compile(r"\d{19}")


def to_utc(value: datetime) -> datetime:
    """The same instant in UTC.

    Raises:
        ValueError: the value is naive, so nobody knows which instant it is; or it is the first or
            the last instant of the calendar, or beyond, which a database may take for infinity.
    """
    if value.tzinfo is None:
        raise ValueError(
            f"{value!r} has no time zone: columns hold instants, so give it one, "
            "as in datetime.now(UTC)"
        )
    try:
        instant = value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{value!r} is outside of the calendar in UTC") from error
    if instant in ENDS_OF_TIME:
        raise ValueError(f"{value!r} is an end of the calendar, and stands for infinity")
    return instant


def to_time_of_day(value: time) -> time:
    """The same time.

    Raises:
        ValueError: the value has a time zone, which the column would drop.
    """
    if value.tzinfo is not None:
        raise ValueError(f"{value!r} has a time zone: a time of day is anywhere's")
    return value


def to_exact(value: Decimal | int, precision: int, scale: int) -> Decimal:
    """The same number with `scale` decimal places.

    Args:
        value: what to store.
        precision: how many digits the column keeps in all.
        scale: how many of them stand behind the point.

    Raises:
        ValueError: the column could only hold another number, by rounding or cutting.
    """
    number = Decimal(value)
    try:
        exact = number.quantize(Decimal(1).scaleb(-scale))
    except InvalidOperation:
        exact = Decimal("NaN")
    if exact.is_nan() or exact != number or len(exact.as_tuple().digits) > precision:
        raise ValueError(
            f"{value} does not fit: the column holds {precision} digits, {scale} of them decimals; "
            "round it first"
        )
    return exact


def to_json(document: Any) -> str:
    """The text of a JSON document.

    Raises:
        ValueError: it holds NaN, an infinity, or a whole number of more than 64 bits, which a
            database may take for the nearest that a float has.
    """
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    if LONG_NUMBER.search(text):
        json.loads(text, parse_int=to_64_bits)
    return text


def to_64_bits(digits: str) -> int:
    """The number.

    Raises:
        ValueError: it has more than 64 bits, with a sign or without.
    """
    number = int(digits)
    if not -(2**63) <= number < 2**64:
        raise ValueError(f"{digits} has more than 64 bits: give it as text")
    return number


def utc_now() -> datetime:
    """This moment by the client's clock, so that every database agrees on what it is."""
    return datetime.now(UTC)


def escape_like(text: str) -> str:
    """The text for a LIKE with `escape="/"`, in which % and _ mean themselves."""
    return text.replace("/", "//").replace("%", "/%").replace("_", "/_")
