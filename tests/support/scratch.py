"""Folders of a test process, which are removed when it ends."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


@cache
def scratch(name: str) -> Path:
    """Return the process's folder of this name."""
    folder = Path(tempfile.mkdtemp(prefix=f"groundplan-{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
