# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Checks for a deployment with SQLite."""

from collections.abc import Iterator

from ...settings import CoreSettings
from ..workers import workers
from .registry import Message, check_settings, warning


@check_settings("database", deploy=True)
def one_process_writes(settings: CoreSettings) -> Iterator[Message]:
    if workers() > 1:
        yield warning(
            "database.W001",
            f"{workers()} workers share one SQLite file, which allows one writer at a time.",
            "Set WEB_CONCURRENCY=1, or use a database server.",
        )
