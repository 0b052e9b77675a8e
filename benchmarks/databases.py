"""The databases that a benchmark is run on."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.support import servers
from tests.support.servers import Server
from tests.support.shared import Servers


def on_each(measure: Callable[[Server, Path], None], *names: str) -> None:
    """Have a benchmark measure on one database after the other.

    Args:
        measure: is given the server, and a folder of its own that is not there yet.
        names: of the databases, all unless given; DATABASES of the environment names others.
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
