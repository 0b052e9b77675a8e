"""Makes Copier faster where tests render hundreds of projects."""

from collections.abc import Generator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any
from unittest.mock import patch

from copier._template import load_template_config
from jinja2 import Environment


@contextmanager
def quickly() -> Generator[None]:
    """Render in a fifth of the time, with the same result.

    Each text of the template is compiled once, not for each project, and each text of copier.yml is
    read once. Git is not asked once for each file whether it ignores the mode of files
    (`core.fileMode`), which it does not on Linux.
    """
    without_git = patch("copier._main.is_git_available", return_value=False)
    questions = patch("copier._template.load_template_config", _questions)
    with patch.object(Environment, "compile", _compiled), questions, without_git:
        yield


_code = dict[tuple[Any, ...], Any]()
_compile = Environment.compile
_read = dict[str, Any]()
_load = load_template_config


def _questions(path: Path, *arguments: Any) -> Any:
    text = path.read_text()
    if "!include" in text:
        return _load(path, *arguments)
    if text not in _read:
        _read[text] = _load(path, *arguments)
    return deepcopy(_read[text])


def _compiled(self: Environment, source: str, name: str | None = None, *more: Any) -> Any:
    key = (source, name, *more)
    if key not in _code:
        _code[key] = _compile(self, source, name, *more)
    return _code[key]
