"""Which tier runs: `make test`, or the long campaigns of `make deep` (GROUNDPLAN_DEEP=1)."""

import os

DEEP = os.environ.get("GROUNDPLAN_DEEP") == "1"


def scaled(usual: int, deep: int) -> int:
    """Return the number for the tier that runs."""
    return deep if DEEP else usual
