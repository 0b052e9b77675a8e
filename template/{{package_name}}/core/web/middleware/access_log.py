# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""A line for each request, once it is answered."""

from logging import DEBUG, INFO

import structlog
from starlette.types import Scope
from structlog.typing import FilteringBoundLogger

from ..paths import route_path

logger: FilteringBoundLogger = structlog.get_logger()


def log_request(scope: Scope, status: int | None, seconds: float) -> None:
    """Log method, path, status and duration; probes that find it healthy, at DEBUG.

    The query is left out, since secrets travel in queries.

    Args:
        status: none for a request that was given up before an answer began.
        seconds: how long it took.
    """
    healthy = status == 200 and route_path(scope).startswith("/health/")
    level = DEBUG if healthy else INFO
    if not logger.is_enabled_for(level):
        return
    logger.log(
        level,
        "request",
        method=scope["method"],
        path=scope["path"],
        status=status,
        duration_ms=round(seconds * 1000, 1),
    )
