# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Errors in plain text, as Starlette's own middleware answers them, become problems."""

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Message, Scope

from ..problem import problem


def is_plain_error(start: Message) -> bool:
    """Whether an answer that begins so is an error in text/plain."""
    if start["status"] < 400:
        return False
    return Headers(raw=start["headers"]).get("content-type", "").startswith("text/plain")


def as_problem(scope: Scope, start: Message, text: bytes) -> Response:
    """The problem to put in the place of such an answer, with its text as detail."""
    headers = headers_to_keep(start)
    return problem(scope, start["status"], text.decode(errors="replace"), headers=headers)


def headers_to_keep(start: Message) -> dict[str, str]:
    headers = Headers(raw=start["headers"])
    return {name: headers[name] for name in headers if not name.startswith("content-")}
