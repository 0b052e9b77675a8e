# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Logging to stderr: one JSON object a line in production, readable text in development.

The service logs through structlog, which writes directly, at half the cost of a detour through
`logging`. Libraries log through `logging`, whose root handler uses the same renderer.
"""

import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog
from structlog.contextvars import merge_contextvars
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import JSONRenderer, TimeStamper, format_exc_info
from structlog.stdlib import ProcessorFormatter, add_log_level
from structlog.typing import Processor

from ..settings import CoreSettings
from .request_id import add_request

# Always the same list object, since a logger caches its processors at its first event.
processors: list[Processor] = []


def configure_logging(settings: CoreSettings) -> None:
    """Configure structlog and `logging`. A second call replaces the configuration."""
    shared: list[Processor] = [
        merge_contextvars,
        add_request,
        add_log_level,
        TimeStamper(fmt="iso", utc=True),
    ]
    render: list[Processor] = [format_exc_info, JSONRenderer()]
    if settings.debug:
        colors = sys.stderr.isatty()
        render = [
            ConsoleRenderer(colors=colors, exception_formatter=plain_traceback, sort_keys=False)
        ]

    processors[:] = [*shared, *render]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", Stderr())),
        cache_logger_on_first_use=True,
    )

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    root = logging.getLogger()
    for earlier in root.handlers[:]:
        if isinstance(earlier.formatter, ProcessorFormatter):
            root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(settings.log_level)
    _remove_library_handlers()


class Stderr:
    """The stream of structlog. A full disk or a lost reader fails no request, as with `logging`."""

    def __init__(self) -> None:
        self._stream = sys.stderr

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def _remove_library_handlers() -> None:
    """Remove handlers that libraries install, which would write each line twice."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.asgi", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"  # request_log.py replaces it
    logging.getLogger("alembic").setLevel(logging.WARNING)  # the commands print their progress
    engine = logging.getLogger("sqlalchemy.engine.Engine")
    if not engine.handlers:
        engine.addHandler(logging.NullHandler())  # or `echo` adds one that writes to stdout
