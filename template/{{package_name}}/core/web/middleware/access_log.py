# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""One log line for each request."""

from logging import DEBUG, INFO

import structlog
from starlette.types import Scope
from structlog.typing import FilteringBoundLogger

from ..paths import route_path

logger: FilteringBoundLogger = structlog.get_logger()


def log_request(scope: Scope, status: int | None, seconds: float) -> None:
    """Log method, path, status and duration, at DEBUG for successful health probes.

    The query string is not logged, since it may contain secrets. The status is None if the request
    ended before its answer began.
    """
    healthy = status == 200 and route_path(scope).startswith("/health/")
    logger.log(
        DEBUG if healthy else INFO,
        "request",
        method=scope["method"],
        path=scope["path"],
        status=status,
        duration_ms=round(seconds * 1000, 1),
    )
