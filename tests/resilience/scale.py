"""How much of it: enough to notice a defect, or all that is promised (`GROUNDPLAN_DEEP=1`)."""

import os

DEEP = os.environ.get("GROUNDPLAN_DEEP") == "1"


def scaled(usual: int, deep: int) -> int:
    """Return how often something is done in this run."""
    return deep if DEEP else usual
