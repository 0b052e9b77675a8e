"""Environments with the dependencies of all drivers, one for each Python."""

import atexit
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path

from ..support import pythons
from ..support.projects import ROOT
from .oracle import OFFERED
from .rendering import DEFAULTS, tree, write


@cache
def python_for(version: str) -> Path:
    """Return a Python of this version with the dependencies of all drivers' projects."""
    if version == pythons.RUNNING:
        return Path(sys.executable)
    folder = Path(tempfile.mkdtemp(prefix="groundplan-python-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    python = pythons.environment(version, folder / "environment")
    named = list[str]()
    for driver in OFFERED["driver"]:
        wanted = tree({**DEFAULTS, "driver": driver})["pyproject.toml"]
        file = write({"pyproject.toml": wanted}, folder / str(driver)) / "pyproject.toml"
        named += ["--requirements", str(file), "--group", f"{file}:dev"]
    lock = ("--constraints", ROOT / "requirements.lock")
    pythons.install(python, *lock, *named, cwd=folder)
    return python
