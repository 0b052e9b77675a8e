"""The supported Pythons that this machine has, and an environment for each."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from tools.bootstrap import uv_environment

UV = Path(sys.executable).with_name("uv")
SUPPORTED = ("3.11", "3.12", "3.13", "3.14", "3.15")
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"


@cache
def find(version: str) -> Path | None:
    """Return a Python of this version, as 3.13: this one, one in the PATH, or one of pyenv's."""
    if version == RUNNING:
        return Path(sys.executable)
    named = shutil.which(f"python{version}")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    candidates = [Path(named)] if named else []
    candidates += pyenv.glob(f"{version}.*/bin/python")
    return next((each for each in candidates if _version(each) == version), None)


def here() -> tuple[str, ...]:
    """Return the supported versions that this machine has, the lowest first."""
    return tuple(version for version in SUPPORTED if find(version))


def closing_line() -> str:
    """Return the sentence that says which versions were tested, and which were not."""
    away = [version for version in SUPPORTED if version not in here()]
    return f"Pythons tested: {', '.join(here())}; not tested: {', '.join(away) or 'none'}"


def environment(version: str, folder: Path) -> Path:
    """Make an environment in a folder, and return its Python; this machine must have the version."""
    base = find(version)
    assert base is not None, f"there is no Python {version} here"
    uv("venv", "--no-project", "--python", base, folder, cwd=folder.parent)
    return folder / "bin" / "python"


def install(python: Path, *what: str | Path, cwd: Path) -> None:
    """Install into an environment, with uv's options in between."""
    uv("pip", "install", "--python", python, *what, cwd=cwd)


def uv(*arguments: str | Path, cwd: Path) -> None:
    """Run uv to its end, which must be a good one."""
    done = subprocess.run(
        (UV, *arguments),
        cwd=cwd,
        env=uv_environment(sys.executable),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _version(python: Path) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run((python, "-c", code), capture_output=True, text=True, check=False)
    return done.stdout.strip()  # a shim of pyenv's has no answer where no version is chosen
