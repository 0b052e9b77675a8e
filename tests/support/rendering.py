"""Makes Copier faster where tests render hundreds of projects."""

import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any
from unittest.mock import patch

from copier._main import Worker
from copier._template import load_template_config
from copier._vcs import clone

from .compiling import compiled_once
from .scratch import scratch


@contextmanager
def quickly(compiled: Path | None = None) -> Generator[None]:
    """Render in a tenth of the time, with the same result.

    Each text of the template is compiled once, not for each project, and each text of copier.yml is
    read once. A text without Jinja, such as most parts of paths, is not rendered. Git is not asked
    once for each file whether it ignores the mode of files (`core.fileMode`), which it does not on
    Linux. A commit of a repository is checked out once, not five times for an update.

    Args:
        compiled: the folder of compiled texts; by default, one of this process.
    """
    with (
        compiled_once(compiled or scratch("compiled")),
        patch.object(Worker, "_render_string", _text),
        patch.object(Worker, "answers_relpath", property(_answers)),
        patch.object(Worker, "_sync_git_index_executable_bit", _leave_mode),
        patch("copier._template.load_template_config", _questions),
        patch("copier._template.clone", _cloned),
    ):
        yield


_read = dict[str, Any]()
_load = load_template_config


_clones = dict[tuple[str, ...], str]()
_clone = clone
_slow: dict[str, Any] = dict(vars(Worker))


def _leave_mode(self: Worker, path: Path, mode: int) -> None: ...


def _cloned(url: str, ref: str = "HEAD", location: str | None = None) -> str:
    """Return a folder with a commit, which Copier only reads, or for other addresses a new clone."""
    state = _state(Path(url), ref)
    if state is None:
        return _clone(url, ref, location)
    if state not in _clones:
        _clones[state] = _clone(url, ref, tempfile.mkdtemp(dir=scratch("clones")))
    return _clones[state]


def _state(repository: Path, ref: str) -> tuple[str, ...] | None:
    """What the clone of a commit depends on: the commit, and the tags, after which Copier names it."""
    if ref == "HEAD" or not repository.is_dir():  # HEAD may include changes that are not committed
        return None
    commit = ("rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}")
    asked = [
        subprocess.run(
            ("git", "-C", repository, *words), capture_output=True, text=True, check=False
        )
        for words in (commit, ("for-each-ref",))
    ]
    failed = any(answer.returncode for answer in asked)
    return None if failed else tuple(answer.stdout for answer in asked)


def _text(self: Worker, string: str, extra_context: Any = None) -> str:
    rendered = any(mark in string for mark in ("{%", "{{", "{#", "\n"))
    return str(_slow["_render_string"](self, string, extra_context)) if rendered else string


def _answers(self: Worker) -> Path:
    path = str(self.answers_file or self.template.answers_relpath)
    return _slow["answers_relpath"].fget(self) if "{" in path else Path(path)


def _questions(path: Path, *arguments: Any) -> Any:
    text = path.read_text()
    if "!include" in text:
        return _load(path, *arguments)
    if text not in _read:
        _read[text] = _load(path, *arguments)
    return deepcopy(_read[text])
