# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Refuse text that not every database can store, U+0000 and lone surrogates.

JSON can contain both. Requests with either get 422, so that all databases behave the same.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import JsonValue
from starlette.requests import Request

UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
# How a body may contain unstorable text. Surrogate pairs, which are valid, match too.
SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\xed[\xa0-\xbf]|\x00")


def parse_json(document: bytes, **options: Any) -> Any:
    """Parse a JSON document and refuse text that cannot be stored.

    Args:
        options: those of `json.loads`.

    Raises:
        JSONDecodeError: the document is malformed, or contains text that cannot be stored.
        UnicodeDecodeError: the document is not in a Unicode encoding.
    """
    value: Any = json.loads(document, **options)
    suspect = SUSPECT.search(document)
    if suspect and any(map(UNSTORABLE.search, strings(value))):
        raise json.JSONDecodeError("U+0000 or a lone surrogate", "", suspect.start())
    return value


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
