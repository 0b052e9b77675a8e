# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Errors in plain text, as Starlette's own middleware answers them, become problems."""

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Message, Scope

from ..problem import problem


class PlainError:
    """An answer that is held back until its text is whole."""

    def __init__(self, start: Message) -> None:
        self.start = start
        self.text = b""

    def is_whole(self, message: Message) -> bool:
        """Add the next part of the text; tell whether it was the last."""
        self.text += message.get("body", b"")
        return not message.get("more_body", False)

    def as_problem(self, scope: Scope) -> Response:
        """The answer in its place, with the text as detail."""
        headers = Headers(raw=self.start["headers"])
        kept = {name: headers[name] for name in headers if not name.startswith("content-")}
        detail = self.text.decode(errors="replace")
        return problem(scope, self.start["status"], detail, headers=kept)


def is_plain_error(start: Message) -> bool:
    """Whether an answer is text/plain, and its status from 400 up."""
    if start["status"] < 400:
        return False
    return Headers(raw=start["headers"]).get("content-type", "").startswith("text/plain")
