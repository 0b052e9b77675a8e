# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The number of processes that serve requests."""

import os

VARIABLE = "WEB_CONCURRENCY"


def workers() -> int:
    """The number that WEB_CONCURRENCY sets; 1 by default."""
    value = os.environ.get(VARIABLE, "")
    return int(value) if value.isdecimal() else 1
