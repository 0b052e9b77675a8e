"""Equal values have equal checksums, in whichever form a database stores them."""

from decimal import Decimal
from typing import Any

import pytest

from groundplan.copydata.groundplan_copydata.checksum import canonical


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (0.0, -0.0),  # as SQLite stores it
        (Decimal("-0.00"), Decimal(0)),
        ({"n": 1.0}, {"n": 1}),
        ({"n": 1e30}, {"n": 10**30}),  # as PostgreSQL stores it
        ({"n": 1.7976931348623157e308}, {"n": 17976931348623157 * 10**292}),
        (1e30, 10**30),  # a document, as it stores it
        ([-0.0], [0]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ],
)
def test_equal_values_have_one_form(one: Any, other: Any) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1e-300, 0.0),
        ({"n": 2**64 - 1}, {"n": 2**64}),
        ({"n": 1e30}, {"n": 10**30 + 1}),
        (True, 1),
        (0.1 + 0.2, 0.3),
        ({"n": True}, {"n": 1}),
        ({"n": "1"}, {"n": 1}),
        ([], {}),
        ("null", None),
        (b"a", "a"),
    ],
)
def test_different_values_have_different_forms(one: Any, other: Any) -> None:
    assert canonical(one) != canonical(other)
