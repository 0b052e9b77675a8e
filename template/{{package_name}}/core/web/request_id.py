# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""An id for each request, in its log lines, its problems and the header X-Request-ID."""

import re
from contextvars import ContextVar
from random import getrandbits

from starlette.types import Scope
from structlog.typing import EventDict, WrappedLogger

HEADER = b"x-request-id"
VALID = re.compile(rb"[\w.:=+/-]{1,128}")

current_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def request_id(scope: Scope) -> bytes:
    """Return a valid id from the header X-Request-ID, as proxies set it, or a new one."""
    for name, value in scope["headers"]:
        if name == HEADER and VALID.fullmatch(value):
            return bytes(value)
    return b"%032x" % getrandbits(128)


def add_request_id(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Add the id of the current request to a log event (a processor of structlog)."""
    if (name := current_id.get()) is not None:
        event.setdefault("request_id", name)
    return event
