"""Compiles rendered projects once in a test run, not once for each project."""

import hashlib
import os
import py_compile
import shutil
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path

from .scratch import scratch


def add(root: Path) -> None:
    """Add the bytecode of a project's modules, except its tests, which pytest compiles.

    Python compares the hash of the source: code that a test edits is compiled again.
    """
    for source in root.rglob("*.py"):
        if source.relative_to(root).parts[0] != "tests":
            target = Path(cache_from_source(str(source)))
            target.parent.mkdir(exist_ok=True)
            copy(str(_compiled(source.read_bytes())), str(target))


def copy(source: str, dest: str) -> str:
    """Copy a file with its time, as `copytree` does; bytecode, which is only ever replaced, is shared."""
    if source.endswith(".pyc"):
        Path(dest).unlink(missing_ok=True)
        os.link(source, dest)
        return dest
    return shutil.copy2(source, dest)


@cache
def _compiled(source: bytes) -> Path:
    name = scratch("bytecode") / hashlib.sha256(source).hexdigest()
    text, bytecode = name.with_suffix(".py"), name.with_suffix(".pyc")
    text.write_bytes(source)
    checked = py_compile.PycInvalidationMode.CHECKED_HASH
    py_compile.compile(str(text), str(bytecode), doraise=True, invalidation_mode=checked)
    return bytecode
