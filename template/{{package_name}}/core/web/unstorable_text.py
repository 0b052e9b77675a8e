# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Text that not every database can store: U+0000, and surrogates without their other half.

Some databases refuse both, some take the first, and JSON can spell either. They are refused at
the door with 422, so that the answer is the same on each.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import JsonValue
from starlette.requests import Request

UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
# The ways to write one in a body. Pairs of surrogates, which are fine, are suspects too.
SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\xed[\xa0-\xbf]|\x00")


def parse_json(document: bytes) -> Any:
    """The value of a JSON document, all of whose text can be stored.

    Raises:
        JSONDecodeError: it is malformed, or holds text that cannot be stored.
        UnicodeDecodeError: it is not in a Unicode encoding.
    """
    value = json.loads(document)
    suspect = SUSPECT.search(document)
    if suspect and any(map(UNSTORABLE.search, strings(value))):
        raise json.JSONDecodeError("U+0000 or a lone surrogate", "", suspect.start())
    return value


class TextRequest(Request):
    """A request that refuses text which cannot be stored."""

    async def json(self) -> Any:
        """The body's JSON; see `parse_json`."""
        return parse_json(await self.body())

    def refuse_nul(self) -> None:
        """Look at the address. Surrogates cannot come by it: it is decoded as UTF-8.

        Raises:
            RequestValidationError: there is U+0000 in the path or the query.
        """
        for part, found in (
            ("path", "\0" in self.scope["path"]),
            ("query", b"%00" in self.scope["query_string"]),
        ):
            if found:
                error = {"type": "string_unicode", "loc": (part,), "msg": "U+0000 is not allowed"}
                raise RequestValidationError([error])


def strings(value: JsonValue) -> Iterator[str]:
    """Every string in a JSON value, names of members included, however deep."""
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
