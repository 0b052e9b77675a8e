# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Turn errors in plain text, as Starlette's middleware sends them, into problems."""

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Message, Scope

from ..problem import problem


class PlainError:
    """A text/plain answer of 400 or above, which becomes a problem whose detail is the text."""

    def __init__(self, scope: Scope, start: Message) -> None:
        self._scope = scope
        self._start = start
        self._text = b""

    def take(self, message: Message) -> Response | None:
        """Take a part of the body, and return the problem after the last part."""
        self._text += message.get("body", b"")
        if message.get("more_body", False):
            return None
        headers = Headers(raw=self._start["headers"]).items()
        kept = {name: value for name, value in headers if not name.startswith("content-")}
        detail = self._text.decode(errors="replace")
        return problem(self._scope, self._start["status"], detail, headers=kept)


def is_plain_error(message: Message) -> bool:
    if message["type"] != "http.response.start" or message["status"] < 400:
        return False
    return Headers(raw=message.get("headers", [])).get("content-type", "").startswith("text/plain")
