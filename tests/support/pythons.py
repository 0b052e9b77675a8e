"""Finds the supported Pythons on this machine, and creates environments for them."""

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
    """Return a Python of this version, such as "3.13": the running one, one in PATH, or pyenv's."""
    if version == RUNNING:
        return Path(sys.executable)
    named = shutil.which(f"python{version}")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    candidates = [Path(named)] if named else []
    candidates += pyenv.glob(f"{version}.*/bin/python")
    return next((each for each in candidates if _version(each) == version), None)


def here() -> tuple[str, ...]:
    """Return the supported versions that are installed, lowest first."""
    return tuple(version for version in SUPPORTED if find(version))


def closing_line() -> str:
    """Return the last line of a run: the versions that were tested, and those that were not."""
    away = [version for version in SUPPORTED if version not in here()]
    return f"Pythons tested: {', '.join(here())}; not tested: {', '.join(away) or 'none'}"


def environment(version: str, folder: Path) -> Path:
    """Create an environment in a folder, and return its Python; the version must be installed."""
    base = find(version)
    assert base is not None, f"Python {version} is not installed"
    uv("venv", "--no-project", "--python", base, folder, cwd=folder.parent)
    return folder / "bin" / "python"


def install(python: Path, *what: str | Path, cwd: Path) -> None:
    """Install requirements into an environment; arguments may be options of uv."""
    uv("pip", "install", "--python", python, *what, cwd=cwd)


def uv(*arguments: str | Path, cwd: Path) -> None:
    """Run uv, which must succeed."""
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
    return done.stdout.strip()  # empty for a pyenv shim without a chosen version
