"""Runs a benchmark on each database."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.support import servers
from tests.support.servers import Server
from tests.support.shared import Servers


def on_each(measure: Callable[[Server, Path], None], *names: str) -> None:
    """Measure on one database after another.

    Args:
        measure: called with a server and the path of a folder to create.
        names: names of databases; by default all. The environment variable DATABASES, a
            comma-separated list, overrides them.
    """
    if chosen := os.environ.get("DATABASES"):
        names = tuple(chosen.split(","))
    started = Servers()
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name in names or servers.names():
                measure(started.get(name, folder=Path(folder)), Path(folder) / f"{name}-project")
    finally:
        started.close()
