# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Unhandled exceptions: in the log (and Sentry) and the request's span, not in the answer."""

import logging
from asyncio import CancelledError
from contextlib import suppress

from opentelemetry.trace import get_current_span
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import Handler
from ..problem import problem

CANCELLED = "The server is shutting down. Try again."

logger = logging.getLogger(__name__)


class Unhandled:
    """Answers 500 to an unhandled exception, and 503 to a request cancelled by a shutdown.

    If the answer has already begun, the exception is raised again, and the server logs it and
    closes the connection.
    """

    def __init__(self, app: ASGIApp, *, handler: Handler | None = None) -> None:
        self.app = app
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def note_begin(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        if (telemetry := scope.get("fastapi.telemetry")) and not get_current_span().is_recording():
            telemetry.tracer = None  # no more spans, which cost as much as sampled ones
        try:
            await self.app(scope, receive, note_begin)
        except CancelledError:
            if begun:
                raise
            await problem(scope, 503, CANCELLED, headers={"Retry-After": "1"})(scope, receive, send)
        except Exception as error:
            if begun:
                raise
            get_current_span().record_exception(error)
            with suppress(AttributeError, KeyError):  # without telemetry, or in a later FastAPI
                scope["fastapi.telemetry"]._exceptions.append(error)
            logger.exception("unhandled exception")
            answer = problem(scope, 500)
            if self._handler is not None:
                answer = await self._handler(Request(scope, receive), error)
            await answer(scope, receive, send)
