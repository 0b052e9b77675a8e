# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Refuse text that not every database can store, U+0000 and lone surrogates, or that nobody can see.

JSON can contain all of them. Requests with either get 422, so that all databases behave the same.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, cast

from fastapi.exceptions import RequestValidationError
from pydantic import JsonValue
from starlette.requests import Request

UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
# Spaces, and characters without a glyph: a name of nothing else looks like no name.
INVISIBLE = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]+"
)
# How a body may contain unstorable text. Surrogate pairs, which are valid, match too.
SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\xed[\xa0-\xbf]|\x00")


def parse_json(document: bytes, **options: Any) -> Any:
    """Parse a JSON document and refuse text that cannot be stored.

    Args:
        options: those of `json.loads`.

    Raises:
        JSONDecodeError: the document is malformed, contains text that cannot be stored, or a
            member of its object has only invisible characters.
        UnicodeDecodeError: the document is not in a Unicode encoding.
    """
    value: Any = json.loads(document, **options)
    suspect = SUSPECT.search(document)
    if suspect and any(map(UNSTORABLE.search, strings(value))):
        raise json.JSONDecodeError("U+0000 or a lone surrogate", "", suspect.start())
    if b"\\u" in document or not document.isascii():
        refuse_invisible(value)
    return value


def refuse_invisible(value: Any) -> None:
    members = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    for name, text in members.items():
        if isinstance(text, str) and INVISIBLE.fullmatch(text) and not text.isspace():
            raise json.JSONDecodeError(f"{name!r} has only invisible characters", "", 0)


def refuse_constant(name: str) -> None:
    raise json.JSONDecodeError(f"{name} is not JSON", "", 0)


class TextRequest(Request):
    """A request that refuses text that cannot be stored."""

    async def json(self) -> Any:
        """Return the body's JSON, without NaN and infinities; see `parse_json`."""
        return parse_json(await self.body(), parse_constant=refuse_constant)

    def refuse_nul(self) -> None:
        """Refuse U+0000 in the URL. It cannot contain surrogates, since it is decoded as UTF-8."""
        in_path = "\0" in self.scope["path"]
        if in_path or b"%00" in self.scope["query_string"]:
            part = "path" if in_path else "query"
            error = {"type": "string_unicode", "loc": (part,), "msg": "U+0000 is not allowed"}
            raise RequestValidationError([error])


def strings(value: JsonValue) -> Iterator[str]:
    """Yield every string in a JSON value, member names included, at any depth."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, dict):
            pending.extend(item)
            pending.extend(item.values())
