"""Requests that are valid except for one hostile value."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

OTHER_PATHS = ("/api/auth", "/api/me", "/api/users")  # tested by tests/auth; they end sessions

ENDS_OF_THE_CALENDAR = [
    "0001-01-01 00:00:00+00:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31 23:59:59.999999+00:00",
    "9999-12-31T23:59:59.999999-14:00",
    "10000-01-01T00:00:00Z",
    "-4713-01-01T00:00:00Z",
    "0000-00-00 00:00:00",
    "2016-12-31T23:59:60Z",
    "infinity",
    "-infinity",
]
TEXT = [
    "\0",
    "a\0b",
    "\ud800",
    "\udfff\ud800",
    "\ufffe\uffff",
    "\U0010ffff",
    "\u202e\u200b",
    "e" + "\u0301" * 50,
    "'); --",
    "\\",
    "%_/",
    "",
    " ",
    "x" * 10_000,
    *ENDS_OF_THE_CALENDAR,
]
NUMBERS = [-1, 0, 2**31 - 1, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 10**400, 10**4000]
FLOATS = [0.1, -0.0, 5e-324, 1e308, float("inf"), float("-inf"), float("nan")]
OTHERS = [None, True, [], {}, [None], {"": ""}]
HOSTILE: list[Any] = [*TEXT, *NUMBERS, *FLOATS, *OTHERS]


@dataclass(frozen=True)
class Sent:
    """A request."""

    method: str
    path: str  # a template
    place: str = ""  # where the hostile value is
    keys: dict[str, Any] = field(default_factory=dict[str, Any])
    query: dict[str, Any] = field(default_factory=dict[str, Any])
    body: Any = None

    @property
    def url(self) -> str:
        """The path and query, with values encoded as UTF-8, surrogates too."""
        keys = {name: quote(text(key), safe="") for name, key in self.keys.items()}
        query = {name: text(value) for name, value in self.query.items()}
        return self.path.format(**keys) + ("?" + urlencode(query) if query else "")

    @property
    def content(self) -> bytes:
        return b"" if self.body is None else json.dumps(self.body).encode()

    @property
    def kind(self) -> str:
        """The body's media type."""
        return f"application/{'x-ndjson' if self.path.endswith('/import') else 'json'}"


def requests(document: dict[str, Any], right: dict[str, Sent]) -> Iterator[Sent]:
    """Yield the requests of every operation, each with one hostile value.

    Args:
        document: the OpenAPI document.
        right: a valid request for each operation that has a body or a second parameter, by the
            operation's label.
    """
    for path, operations in document["paths"].items():
        if path.startswith(OTHER_PATHS):
            continue
        for method, operation in operations.items():
            label = f"{method.upper()} {path}"
            sent = right.get(label) or Sent(method.upper(), path)
            for parameter in operation.get("parameters", ()):
                yield from with_parameter(sent, parameter["name"], parameter["in"])
            if "requestBody" in operation:
                yield from with_body(sent)


def with_parameter(sent: Sent, name: str, part: str) -> Iterator[Sent]:
    for value in HOSTILE:
        place = f"{part} {name} {value!r:.40}"
        if part == "path":
            yield replace(sent, place=place, keys={**sent.keys, name: value})
        else:
            yield replace(sent, place=place, query={name: value})
            if name == "cursor":
                yield replace(sent, place=f"inside {place}", query={name: cursor(value)})


def with_body(sent: Sent) -> Iterator[Sent]:
    for value in HOSTILE:
        yield replace(sent, place=f"body {value!r:.40}", body=value)
        for name in sent.body:
            for body in (value, *within(value)) if name == "meta" else (value,):
                place = f"body {name} {body!r:.40}"
                yield replace(sent, place=place, body={**sent.body, name: body})


def within(value: Any) -> Iterator[dict[str, Any]]:
    """Yield JSON objects that contain a value."""
    yield {"a": value}
    yield {"a": {"b": [[value], {}]}}
    if isinstance(value, str):
        yield {value: value}


def cursor(value: Any) -> str:
    """Return a cursor of the feed with this value in its first column."""
    columns = [["datetime", shown(value)], ["UUID", "01a1fcbe-03f6-7318-92bc-4470c804fb80"]]
    document = json.dumps(columns).encode()
    return urlsafe_b64encode(document).decode().rstrip("=")


def text(value: Any) -> bytes:
    """Return a value as it is written in a URL, before quoting."""
    return shown(value).encode("utf-8", "surrogatepass")


def shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
