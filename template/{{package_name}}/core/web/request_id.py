# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""An id for each request: in its problems, X-Request-ID and, with route and trace, its log lines."""

import re
from contextvars import ContextVar
from random import getrandbits

from opentelemetry.trace import format_span_id, format_trace_id, get_current_span
from starlette.types import Scope
from structlog.typing import EventDict, WrappedLogger

from .paths import route_of

HEADER = b"x-request-id"
VALID = re.compile(rb"[\w.:=+/-]{1,128}")

current_request: ContextVar[Scope | None] = ContextVar("current_request", default=None)


def request_id(scope: Scope) -> bytes:
    """Return a valid id from the header X-Request-ID, as proxies set it, or a new one."""
    for name, value in scope["headers"]:
        if name == HEADER and VALID.fullmatch(value):
            return bytes(value)
    return b"%032x" % getrandbits(128)


def add_request(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Add the ids and the route of the current request to a log event (a processor of structlog)."""
    if (scope := current_request.get()) is not None:
        event.setdefault("request_id", scope["state"]["request_id"])
        if (route := route_of(scope)) is not None:
            event.setdefault("route", route)
    span = get_current_span().get_span_context()
    if span.is_valid:
        event.setdefault("trace_id", format_trace_id(span.trace_id))
        event.setdefault("span_id", format_span_id(span.span_id))
    return event
