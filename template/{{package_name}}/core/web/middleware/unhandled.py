# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Exceptions that nothing else answered: logged here, once, and told to nobody."""

from asyncio import CancelledError

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from ..problem import problem

CUT_OFF = "The server is shutting down: try again."

logger: FilteringBoundLogger = structlog.get_logger()


class Unhandled:
    """Answers 500 for a bug, and 503 for a request that a shutdown cuts off.

    Once an answer has begun there is none to give: the exception goes on to the server, which
    logs it and closes the connection.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def note_begin(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, note_begin)
        except CancelledError:
            if begun:
                raise
            await problem(scope, 503, CUT_OFF, headers={"Retry-After": "1"})(scope, receive, send)
        except Exception:
            if begun:
                raise
            logger.exception("unhandled exception")
            await problem(scope, 500)(scope, receive, send)
