# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""An id for each request: in its log lines, its errors' bodies and its answer's headers."""

import re
from contextvars import ContextVar
from random import getrandbits

from starlette.types import Scope
from structlog.typing import EventDict, WrappedLogger

HEADER = b"x-request-id"
SANE = re.compile(rb"[\w.:=+/-]{1,128}")

current_id: ContextVar[str | None] = ContextVar("id of the request", default=None)


def request_id(scope: Scope) -> bytes:
    """The id that a proxy gave in X-Request-ID when it is sane, else a new one."""
    for name, value in scope["headers"]:
        if name == HEADER and SANE.fullmatch(value):
            return bytes(value)
    return b"%032x" % getrandbits(128)


def add_request_id(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """A processor for structlog: lines that a request logs have its id."""
    if (name := current_id.get()) is not None:
        event.setdefault("request_id", name)
    return event
