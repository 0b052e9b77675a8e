# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Values that every database must keep exactly, or refuse."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation


def to_utc(value: datetime) -> datetime:
    """The same instant in UTC.

    Raises:
        ValueError: the value is naive, so nobody knows which instant it is.
    """
    if value.tzinfo is None:
        raise ValueError(
            f"{value!r} has no time zone: columns hold instants, so give it one, "
            "as in datetime.now(UTC)"
        )
    return value.astimezone(UTC)


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
    if exact != number or len(exact.as_tuple().digits) > precision:
        raise ValueError(
            f"{value} does not fit: the column holds {precision} digits, {scale} of them decimals; "
            "round it first"
        )
    return exact


def utc_now() -> datetime:
    """This moment by the client's clock, so that every database agrees on what it is."""
    return datetime.now(UTC)


def escape_like(text: str) -> str:
    """The text for a LIKE with `escape="/"`, in which % and _ mean themselves."""
    return text.replace("/", "//").replace("%", "/%").replace("_", "/_")
