"""Which tier runs: `make test`, or the long campaigns of `make deep` (GROUNDPLAN_DEEP=1)."""

import os
from collections.abc import Mapping

DEEP = os.environ.get("GROUNDPLAN_DEEP") == "1"
# What a deep run installs, in addition to servers, browsers and proxies.
INSTALLED = (
    "Galera",
    "images by buildah",
    "PgBouncer",
    "PgBouncer of Debian unstable",
    "Python 3.14 of Debian unstable",
    "Python 3.15 of Debian unstable",
    "PostgreSQL as a wheel",
)


def scaled(usual: int, deep: int) -> int:
    """Return the number for the tier that runs."""
    return deep if DEEP else usual


def closing_line(tested: Mapping[str, str]) -> str:
    """Return the line of the summary about what else a deep run installs."""
    yes = [f"{name} ({tested[name]})" for name in INSTALLED if name in tested]
    no = [name for name in INSTALLED if name not in tested]
    return f"also tested: {', '.join(yes) or 'none'}; not tested: {', '.join(no) or 'none'}"
