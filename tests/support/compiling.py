"""Compiles Jinja's templates once in a test run, not once for each command and project."""

import hashlib
import marshal
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any
from unittest.mock import patch

from jinja2 import Environment

_compile: Any = Environment.compile
_known = dict[bytes, CodeType]()
OPTIONS = (
    *("autoescape", "block_start_string", "comment_start_string", "is_async", "lstrip_blocks"),
    *("keep_trailing_newline", "line_statement_prefix", "newline_sequence", "optimized"),
    *("sandboxed", "trim_blocks", "variable_start_string"),
)


@contextmanager
def compiled_once(folder: Path) -> Generator[None]:
    """Compile a text with the same options once, while the block runs.

    Args:
        folder: keeps the code, for other processes too.
    """

    def compiled(self: Environment, source: Any, *more: Any, **options: Any) -> Any:
        usual = isinstance(source, str) and not options and len(more) <= 2  # a name and a path
        if not usual or callable(self.autoescape) or self.finalize is not None:
            return _compile(self, source, *more, **options)
        return _code(self, source, more, folder)

    with patch.object(Environment, "compile", compiled):
        yield


def _code(environment: Environment, source: str, more: tuple[Any, ...], folder: Path) -> CodeType:
    given = [getattr(environment, name) for name in OPTIONS]
    names = [sorted(of) for of in (environment.extensions, environment.filters, environment.tests)]
    key = hashlib.sha256(repr((source, more, given, names)).encode()).digest()
    if key not in _known:
        file = folder / key.hex()
        if file.exists():
            _known[key] = marshal.loads(file.read_bytes())
        else:
            _known[key] = _compile(environment, source, *more)
            part = file.with_suffix(f".{os.getpid()}")
            part.write_bytes(marshal.dumps(_known[key]))
            part.replace(file)
    return _known[key]
