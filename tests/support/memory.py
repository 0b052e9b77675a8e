"""Keeps the temporary files of a test run in memory, where there is enough.

Tests write thousands of small files and commit thousands of transactions: on a disk, removing and
flushing them is a tenth of the time.
"""

import os
import re
import shutil
import tempfile
from pathlib import Path

FOLDER = Path("/dev/shm")  # Linux keeps its files in memory
NEEDED = 8 << 30  # bytes; a whole run has 3 GiB of files at most


def use() -> None:
    """Create temporary files in memory from now on, here and in child processes, unless TMPDIR is set."""
    if "TMPDIR" not in os.environ and _available() >= NEEDED:
        os.environ["TMPDIR"] = tempfile.tempdir = str(FOLDER)


def _available() -> int:
    """Return the bytes that files in memory may have; 0 where there are none."""
    memory = Path("/proc/meminfo")
    if not (memory.exists() and os.access(FOLDER, os.W_OK | os.X_OK)):
        return 0
    if os.statvfs(FOLDER).f_flag & os.ST_NOEXEC:  # tests also write programs
        return 0
    found = re.search(r"^MemAvailable: +(\d+) kB$", memory.read_text(), re.MULTILINE)
    return min(shutil.disk_usage(FOLDER).free, int(found[1]) << 10 if found else 0)
