"""Make the development environment, `.venv`, from requirements.lock.

Runs on the machine's own Python with the standard library alone. What is there already is reused: the
environment is made again only when the lock, this file, the Python or the clone's place has changed.
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
            f"Python {sys.version.split()[0]} at {sys.executable} is too old: Groundplan needs 3.11 or newer. "
            "Name another with `make PYTHON=/path/to/python3.11 …`."
        )
    stamp = fingerprint()
    if STAMP.is_file() and STAMP.read_text() == stamp:
        return
    began = time.monotonic()
    say(f"making .venv with Python {sys.version.split()[0]}")
    make_environment()
    say("installing what requirements.lock names")
    install()
    STAMP.write_text(stamp)
    say(f".venv is ready, after {time.monotonic() - began:.0f} s")


def fingerprint() -> str:
    """Return what the environment depends on, as one line."""
    digest = hashlib.sha256()
    for part in (LOCK, ROOT / "pyproject.toml", Path(__file__)):
        digest.update(part.read_bytes())
    return f"{digest.hexdigest()} {sys.version_info[:3]} {sys.base_prefix} {ROOT}\n"


def make_environment() -> None:
    if find_spec("ensurepip") is None:
        install_venv_package()
    # --clear: an environment of another Python, or one whose making was interrupted, is not mended.
    run(sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT))


def install_venv_package() -> None:
    """Install python3-venv, which Debian leaves out of python3."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        fail(
            "this Python has no `ensurepip`, so it cannot make a virtual environment. "
            "On Debian and Ubuntu: sudo apt-get install python3-venv"
        )
    say("installing python3-venv with apt-get")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "update", "-qq", env=env, shown=False)
    install = ("install", "-y", "-qq", "-o", "Dpkg::Use-Pty=0", "--no-install-recommends")
    run("apt-get", *install, "python3-venv", env=env, shown=False)
    invalidate_caches()
    if find_spec("ensurepip") is None:
        # The packaged ensurepip belongs to Debian's own python3, not to another one in the PATH.
        fail(f"{sys.executable} still has no `ensurepip`: use `make PYTHON=/usr/bin/python3 …`.")


def install() -> None:
    """Install uv by pip, then everything by uv: each file is held to its hash in the lock."""
    only_uv = ENVIRONMENT / "uv-requirement.txt"
    only_uv.write_text(locked("uv"))
    pip = (str(PYTHON), "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "install", "--require-hashes", "--no-deps", "-r", str(only_uv))
    uv = (str(ENVIRONMENT / "bin" / "uv"), "pip")
    target = ("--quiet", "--python", str(PYTHON))
    env = uv_environment(PYTHON)
    run(*uv, "sync", *target, "--require-hashes", str(LOCK), env=env)
    # hatchling is in the lock: nothing is fetched without a hash to build the package.
    run(*uv, "install", *target, "--no-deps", "--no-build-isolation", "-e", str(ROOT), env=env)


def locked(name: str) -> str:
    """Return the lock's entry of one package, its hashes included."""
    lines = LOCK.read_text().splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith(f"{name}=="))
    end = next(at for at in range(start, len(lines)) if not lines[at].endswith("\\"))
    return "\n".join(lines[start : end + 1]) + "\n"


def uv_environment(python: str | Path) -> dict[str, str]:
    """Return the environment for uv, which reads neither pip's settings nor the system's certificates.

    Args:
        python: one that has pip.
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
    """Run a command to its end; one that is not shown has its output printed when it fails."""
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
