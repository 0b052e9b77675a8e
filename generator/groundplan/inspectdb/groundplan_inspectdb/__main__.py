"""`python -m groundplan_inspectdb PACKAGE`, in the service's folder."""

import sys

try:
    from .command import main
except ModuleNotFoundError as error:
    sys.exit(
        f"Error: the service's environment {sys.prefix} has no package {error.name!r}. "
        "Install the service there, with `uv sync` or `pip install -e .`."
    )

main()
