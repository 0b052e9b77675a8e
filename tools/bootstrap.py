"""Creates the development environment, `.venv`, from requirements.lock.

It needs the standard library only, and runs on any Python from 3.11 on. An existing environment is kept
unless the lock, pyproject.toml, this file, the Python or the clone's location has changed.
"""

import hashlib
import os
import shutil
import ssl
import subprocess
import sys
import time
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = ENVIRONMENT / "groundplan-stamp"
PYTHON = ENVIRONMENT / "bin" / "python"
LOWEST_PYTHON = (3, 11)


def main() -> None:
    if sys.version_info < LOWEST_PYTHON:
        fail(
            f"Python {sys.version.split()[0]} at {sys.executable} is too old; Groundplan needs 3.11 or newer. "
            "Name a newer one with `make PYTHON=/path/to/python3.11 …`."
        )
    stamp = fingerprint()
    if STAMP.is_file() and STAMP.read_text() == stamp:
        return
    began = time.monotonic()
    say(f"creating .venv with Python {sys.version.split()[0]}")
    make_environment()
    say("installing the packages of requirements.lock")
    install()
    STAMP.write_text(stamp)
    say(f".venv is ready after {time.monotonic() - began:.0f} s")


def fingerprint() -> str:
    """Return a line that changes with anything that the environment depends on."""
    digest = hashlib.sha256()
    for part in (LOCK, ROOT / "pyproject.toml", Path(__file__)):
        digest.update(part.read_bytes())
    return f"{digest.hexdigest()} {sys.version_info[:3]} {sys.base_prefix} {ROOT}\n"


def make_environment() -> None:
    if find_spec("ensurepip") is None:
        install_venv_package()
    # --clear: an environment of another Python, or an unfinished one, is replaced and not repaired.
    run(sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT))


def install_venv_package() -> None:
    """Install python3-venv, which Debian's python3 does not include."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        fail(
            "this Python has no `ensurepip`, so it cannot create a virtual environment. "
            "On Debian and Ubuntu, run: sudo apt-get install python3-venv"
        )
    say("installing python3-venv with apt-get")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "update", "-qq", env=env, shown=False)
    install = ("install", "-y", "-qq", "-o", "Dpkg::Use-Pty=0", "--no-install-recommends")
    run("apt-get", *install, "python3-venv", env=env, shown=False)
    invalidate_caches()
    if find_spec("ensurepip") is None:
        # Debian's package is for /usr/bin/python3, not for another Python in PATH.
        fail(f"{sys.executable} still has no `ensurepip`. Use `make PYTHON=/usr/bin/python3 …`.")


def install() -> None:
    """Install uv with pip, then everything with uv; each file must match its hash in the lock."""
    only_uv = ENVIRONMENT / "uv-requirement.txt"
    only_uv.write_text(locked("uv"))
    pip = (str(PYTHON), "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "install", "--require-hashes", "--no-deps", "-r", str(only_uv))
    uv = (str(ENVIRONMENT / "bin" / "uv"), "pip")
    target = ("--quiet", "--python", str(PYTHON))
    env = uv_environment(PYTHON)
    run(*uv, "sync", *target, "--require-hashes", str(LOCK), env=env)
    # hatchling is in the lock, so building the package fetches nothing without a hash.
    run(*uv, "install", *target, "--no-deps", "--no-build-isolation", "-e", str(ROOT), env=env)


def locked(name: str) -> str:
    """Return a package's entry in the lock, including its hashes."""
    lines = LOCK.read_text().splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith(f"{name}=="))
    end = next(at for at in range(start, len(lines)) if not lines[at].endswith("\\"))
    return "\n".join(lines[start : end + 1]) + "\n"


def uv_environment(python: str | Path) -> dict[str, str]:
    """Return the environment variables for uv, which does not read pip's settings or the system's certificates.

    Args:
        python: a Python with pip, whose settings are used.
    """
    env = dict(os.environ)
    if not {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & env.keys():
        pip_config = (str(python), "-m", "pip", "config", "get", "global.index-url")
        configured = subprocess.run(pip_config, capture_output=True, text=True, check=False)
        index = env.get("PIP_INDEX_URL") or configured.stdout.strip()
        if index:
            env["UV_DEFAULT_INDEX"] = index
    if "PIP_CERT" in env:
        env.setdefault("SSL_CERT_FILE", env["PIP_CERT"])
    system = ssl.get_default_verify_paths()
    if system.cafile or system.capath:
        env.setdefault("UV_SYSTEM_CERTS", "true")
    return env


def run(*command: str, env: dict[str, str] | None = None, shown: bool = True) -> None:
    """Run a command. If its output is not shown, it is printed when the command fails."""
    output = None if shown else subprocess.PIPE
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=None if shown else subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        print(done.stdout or "", end="", file=sys.stderr)
        fail(
            f"`{' '.join(command)}` failed with exit code {done.returncode}; its message is above."
        )


def say(message: str) -> None:
    print(f"setup: {message}", flush=True)


def fail(message: str) -> None:
    sys.exit(f"setup: {message}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
