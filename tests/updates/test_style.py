"""Updates of services with CRLF line endings, and of reformatted ones."""

import subprocess
import sys
from pathlib import Path

import pytest

from groundplan.cli import run

from . import services
from .history import commit, git
from .services import files, is_users
from .tomorrow import TAG, tomorrow

pytestmark = pytest.mark.full


@pytest.fixture
def new(first: Path, tmp_path: Path) -> dict[str, bytes]:
    """The template's files of an unedited service after the update."""
    fresh = services.service("v0.1.0", tmp_path / "fresh")
    services.update(fresh, TAG, template=tomorrow())
    return {path: text for path, text in files(fresh).items() if not is_users(path)}


def update(folder: Path, new: dict[str, bytes]) -> dict[str, bytes]:
    """Append a line to a file that the update changes, update, and return the files without the line."""
    name = next(
        path
        for path in sorted(new)
        if path.endswith(".py") and end(new, path) == end(files(folder), path) and "core/db" in path
    )
    file = folder / name
    line = b"\r\n# mine\r\n" if b"\r\n" in file.read_bytes() else b"\n# mine\n"
    file.write_bytes(file.read_bytes() + line)
    commit(folder)
    assert run(["update", str(folder), "--template", str(tomorrow())]) == 0
    assert file.read_bytes().endswith(line)
    file.write_bytes(file.read_bytes().removesuffix(line))
    return files(folder)


def end(found: dict[str, bytes], path: str) -> list[bytes]:
    """Return the last lines of a file, without their line endings."""
    return found.get(path, b"").splitlines()[-8:]


def test_a_service_with_crlf_line_endings(first: Path, new: dict[str, bytes]) -> None:
    git(first, "config", "core.autocrlf", "false")
    old = files(first)
    for path in old.keys() - {".copier-answers.yml"}:
        first.joinpath(path).write_bytes(old[path].replace(b"\n", b"\r\n"))
    commit(first)
    updated = update(first, new)
    for path in new.keys() - {".copier-answers.yml"}:
        crlf = new[path].replace(b"\n", b"\r\n")
        kept = b"\n" in old.get(path, b"")  # a moved file keeps CRLF; a new file may have LF
        assert updated[path] in ([crlf] if kept else [crlf, new[path]]), path


def test_a_service_that_was_reformatted(first: Path, new: dict[str, bytes]) -> None:
    toml = first / "pyproject.toml"
    toml.write_text(toml.read_text().replace("line-length = 100", "line-length = 72"))
    ruff = (sys.executable, "-m", "ruff", "format", "--quiet", ".")
    subprocess.run(ruff, cwd=first, check=True)
    commit(first)
    updated = update(first, new)
    subprocess.run((*ruff, "--check"), cwd=first, check=True)
    assert updated.keys() >= new.keys()
