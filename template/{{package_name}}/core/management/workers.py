# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""How many processes serve requests."""

import os

VARIABLE = "WEB_CONCURRENCY"


def workers() -> int:
    """What the environment says; 1 by default."""
    value = os.environ.get(VARIABLE, "")
    return int(value) if value.isdecimal() else 1
