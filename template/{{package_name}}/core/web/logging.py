# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Logs: JSON, a line an event, in production; aligned and coloured in development. To stderr.

The service's own events are structlog's and are written straight away, for half the cost of a
detour through `logging`; what libraries log reaches the same renderer by a handler on the root.
"""

import logging
import sys

import structlog
from structlog.contextvars import merge_contextvars
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import JSONRenderer, TimeStamper, format_exc_info
from structlog.stdlib import ProcessorFormatter, add_log_level
from structlog.typing import Processor

from ..settings import CoreSettings
from .request_id import add_request_id

# The same list for ever: a logger keeps what it found at its first line.
processors: list[Processor] = []


def configure_logging(settings: CoreSettings) -> None:
    """Set up structlog and `logging`. Doing it again replaces what was set up."""
    shared: list[Processor] = [
        merge_contextvars,
        add_request_id,
        add_log_level,
        TimeStamper(fmt="iso", utc=True),
    ]
    render: list[Processor]
    if settings.debug:
        render = [
            ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=plain_traceback, sort_keys=False
            )
        ]
    else:
        render = [format_exc_info, JSONRenderer()]

    processors[:] = [*shared, *render]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
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
    _leave_it_to_the_root()


def _leave_it_to_the_root() -> None:
    """Take away the handlers that libraries bring, which would write each line again."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    access = logging.getLogger("uvicorn.access")  # access_log.py writes a better line
    access.handlers.clear()
    access.propagate = False
    logging.getLogger("alembic").setLevel(logging.WARNING)  # the commands say what is done
    engine = logging.getLogger("sqlalchemy.engine.Engine")
    if not engine.handlers:
        engine.addHandler(logging.NullHandler())  # else `echo` adds one that writes to stdout
