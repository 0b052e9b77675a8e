"""What values a column may be given, and what rows, orders and conditions are made of them."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from my_service.apps.lab.models import Colour

MICROSECOND = timedelta(microseconds=1)
ZONES = [UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-11, minutes=-30))]


def texts(longest: int) -> st.SearchStrategy[str]:
    """All of Unicode, but for what is no text: U+0000 and halves of surrogate pairs."""
    characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    return st.text(characters, max_size=longest)


def decimals(digits: int, places: int) -> st.SearchStrategy[Decimal]:
    most = 10**digits - 1
    return st.integers(-most, most).map(lambda units: Decimal(units).scaleb(-places))


def documents() -> st.SearchStrategy[Any]:
    """JSON. Databases tell a number by its value: one that is huge or tiny may change its class."""
    numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(-1e15, 1e15, allow_subnormal=False)
    leaves = st.none() | st.booleans() | numbers | texts(20)
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts(10), inner, max_size=4),
        max_leaves=10,
    )


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "word": texts(10),
    "line": texts(255),
    "story": texts(400),
    "flag": st.booleans(),
    "small": st.integers(-(2**15), 2**15 - 1),
    "number": st.integers(-(2**31), 2**31 - 1),
    "big": st.integers(-(2**63), 2**63 - 1),
    "ratio": st.floats(allow_nan=False, allow_infinity=False),
    "amount": decimals(18, 4),
    "price": decimals(10, 2),
    "data": st.binary(max_size=300),
    "ref": st.uuids(version=4),
    "colour": st.sampled_from(Colour),
    "at": st.datetimes(
        datetime.fromisoformat("0001-01-03"),
        datetime.fromisoformat("9999-12-29"),
        timezones=st.sampled_from(ZONES),
    ),
    "day": st.dates(),
    "clock": st.times(),
    "span": st.integers(-(2**63), 2**63 - 1).map(lambda n: n * MICROSECOND),
    "meta": st.dictionaries(texts(20), documents(), max_size=4),
    "document": st.lists(documents(), max_size=4),
}

# A few values of each type, so that ties are common. Their order is Python's; that of UUIDs is for
# those that begin with the time (MariaDB sorts the others from the back).
FEW: dict[str, list[Any]] = {
    "word": ["", "A", "a", "a ", "b", "ß", "á", "😀"],
    "flag": [False, True],
    "number": [-1, 0, 7],
    "big": [-(2**63), 0, 2**63 - 1],
    "ratio": [-1.5, 0.1, 1e300],
    "amount": [Decimal("-0.0001"), Decimal(0), Decimal("99999999999999.9999")],
    "data": [b"", b"\x00", b"\x7f", b"\xff"],
    "ref": [UUID(f"{time:08x}-0000-7000-8000-000000000000") for time in (1, 2**16, 2**32 - 1)],
    "colour": list(Colour),
    "at": [datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, 0, 0, 0, 1, tzinfo=UTC)],
    "day": [date.min, date(2024, 2, 29)],
    "clock": [time.min, time(12, 0, 0, 1), time.max],
    "span": [-MICROSECOND, timedelta(0), timedelta(days=40)],
}


def samples(least: int = 0, most: int = 12) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Rows of few values, many of them alike, and some empty."""
    row = st.fixed_dictionaries(
        {name: st.none() | st.sampled_from(few) for name, few in FEW.items()}
    )
    return st.lists(row, min_size=least, max_size=most)


def orders() -> st.SearchStrategy[list[tuple[str, bool]]]:
    """Columns by name, and whether each is descending."""
    return st.lists(
        st.tuples(st.sampled_from(sorted(FEW)), st.booleans()),
        max_size=4,
        unique_by=lambda key: key[0],
    )
