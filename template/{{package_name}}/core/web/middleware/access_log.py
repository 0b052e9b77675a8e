# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""A line for each request, once it is answered."""

from time import perf_counter
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from ..paths import route_path

logger: FilteringBoundLogger = structlog.get_logger()


class AccessLog:
    """Logs method, path, status and duration; probes that find it healthy, at DEBUG.

    The query is left out, since secrets travel in queries. A request that was given up before an
    answer began has no status.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        line: dict[str, Any] = {"method": scope["method"], "path": scope["path"], "status": None}
        start = perf_counter()

        async def note_status(message: Message) -> None:
            if message["type"] == "http.response.start":
                line["status"] = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, note_status)
        finally:
            line["duration_ms"] = round((perf_counter() - start) * 1000, 1)
            healthy = line["status"] == 200 and route_path(scope).startswith("/health/")
            log = logger.debug if healthy else logger.info
            log("request", **line)
