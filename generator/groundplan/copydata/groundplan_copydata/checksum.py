"""A checksum that is equal for equal rows, in any order, from any database."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

from sqlalchemy import JSON

SIZE = 2**256


class Checksum:
    """The number of rows, and the sum of their hashes."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Add rows, each a sequence of values in the order of the columns."""
        for row in rows:
            text = "\x1f".join(map(canonical, row))
            digest = sha256(text.encode("utf-8", "surrogatepass")).digest()
            self._sum = (self._sum + int.from_bytes(digest)) % SIZE
            self.rows += 1

    def __str__(self) -> str:
        return f"{self._sum:064x}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Checksum) and (self.rows, str(self)) == (other.rows, str(other))

    def __hash__(self) -> int:
        return hash((self.rows, self._sum))


def canonical(value: Any) -> str:
    """Return a text that differs for different values and does not depend on how a database stores them."""
    match value:
        case None:
            return "null"
        case JSON.NULL:
            return "document null"
        case Decimal():
            return f"decimal {shortest(value)}"
        case bytes() | bytearray():
            return f"bytes {value.hex()}"
        case UUID():
            return f"uuid {value.hex}"
        case datetime() | date() | time():
            return f"{type(value).__name__} {value.isoformat()}"
        case timedelta():
            return f"timedelta {value // timedelta(microseconds=1)}"
        case bool():
            return f"bool {value}"
        case int() | float():
            return f"number {plain(value)!r}"
        case str():
            return f"text {json.dumps(value)}"
        case _:
            return f"document {json.dumps(plain(value), sort_keys=True)}"


def shortest(number: Decimal) -> str:
    """Return a number without trailing zeros; a negative zero loses its sign."""
    whole, _, places = f"{number or Decimal(0):f}".partition(".")
    return f"{whole}.{places.rstrip('0')}"


def plain(document: object) -> object:
    """Return a document with whole floats as integers.

    A database may store 1.0 as 1, -0.0 as 0, and 1e30 by all of its digits.
    """
    match document:
        case dict():
            members = cast("dict[str, object]", document)
            return {key: plain(value) for key, value in members.items()}
        case list():
            return [plain(value) for value in cast("list[object]", document)]
        case float() if document.is_integer():
            return int(Decimal(repr(document)))
        case _:
            return document
