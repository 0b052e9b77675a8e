"""Debian's unstable suite in a folder: newer Pythons and a newer PgBouncer than stable releases have."""

import os
import shlex
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.bootstrap import uv_environment

from . import processes, pythons
from .processes import ServerError

PACKAGES = ("ca-certificates", "pgbouncer", "python3.14-venv", "python3.15-venv")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# Runs a program of the folder ($1) that sees one folder of this machine ($2) and its processes. The
# mounts end with the program.
ENTER = """
root=$1 shared=$2; shift 2
mount -t tmpfs tmpfs "$root/tmp"
mkdir -p "$root$shared"
mount --bind "$shared" "$root$shared"
mount --bind /proc "$root/proc"
mount --bind /dev "$root/dev"
exec /usr/sbin/chroot --userspec="$1" "$root" env -C "$PWD" "${@:2}"
"""


@dataclass(frozen=True, slots=True)
class Debian:
    """An installed suite; its programs run as on this machine, with the same network."""

    root: Path

    def command(self, *command: str | Path, shared: Path, user: str = "root") -> list[str | Path]:
        """Return a command that runs a program of the suite in the current folder.

        Args:
            command: the program and its arguments.
            shared: a folder of this machine that it sees under the same path, such as its current one.
            user: a user of the suite.
        """
        enter = ("unshare", "--mount", "bash", "-euc", ENTER, "enter")
        return [*enter, self.root, shared, user, *command]

    def python(self, version: str, shared: Path) -> Path:
        """Create an environment for a Python such as "3.15", and return a program that runs it."""
        environment = shared / "environment"
        python = shared / "python"
        shutil.copy2(pythons.UV, shared / "uv")
        self.uv(
            shared, "venv", "--no-project", "--python", f"/usr/bin/python{version}", environment
        )
        words = self.command(environment / "bin/python", shared=shared)
        python.write_text(f'#!/bin/sh\nexec {shlex.join(map(str, words))} "$@"\n')
        python.chmod(0o755)
        return python

    def install(self, shared: Path, *what: str | Path, cwd: Path) -> None:
        """Install requirements into the environment that `python` created."""
        target = ("--python", shared / "environment/bin/python")
        self.uv(shared, "pip", "install", *target, *what, cwd=cwd)

    def uv(self, shared: Path, *arguments: str | Path, cwd: Path | None = None) -> None:
        """Run uv, which must succeed."""
        done = subprocess.run(
            self.command(shared / "uv", *arguments, shared=shared),
            cwd=cwd or shared,
            env=network_environment() | {"UV_CACHE_DIR": str(shared / "cache")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def network_environment() -> dict[str, str]:
    """Return the variables with which uv and pip reach their index from the suite or an image."""
    ours = uv_environment(sys.executable)
    env = {"PATH": os.defpath, "UV_SYSTEM_CERTS": "true", "PIP_CERT": str(CERTIFICATES)}
    env["SSL_CERT_FILE"] = env["PIP_CERT"]
    index = ours.get("UV_DEFAULT_INDEX") or ours.get("UV_INDEX_URL")
    return env if index is None else {**env, "UV_DEFAULT_INDEX": index, "PIP_INDEX_URL": index}


def install() -> str:
    """Return the folder of the suite; install it there first if it does not exist.

    Raises:
        ServerError: the user is not root, or a program is missing and cannot be installed.
    """
    root = processes.cache() / f"debian-unstable-{'-'.join(PACKAGES)}"
    if not root.is_dir():
        if os.geteuid() != 0:
            raise ServerError("Debian's unstable suite can be installed by root only: use sudo.")
        debootstrap = processes.apt_installed("debootstrap", "debootstrap", "debootstrap")
        root.parent.mkdir(parents=True, exist_ok=True)
        with _unfinished(root) as folder:
            _run(debootstrap, "--variant=minbase", f"--include={','.join(PACKAGES)}", "sid", folder)
            # A network may have its own authority, which this machine trusts.
            own = ssl.get_default_verify_paths().cafile
            shutil.copy(
                os.environ.get("SSL_CERT_FILE") or own or CERTIFICATES,
                folder / CERTIFICATES.relative_to("/"),
            )
    return str(root)


@contextmanager
def _unfinished(root: Path) -> Generator[Path]:
    """Yield a folder that becomes `root` if the block succeeds."""
    folder = Path(tempfile.mkdtemp(prefix="unfinished-", dir=root.parent))
    try:
        yield folder
        folder.chmod(0o755)
        folder.rename(root)
    except BaseException:
        shutil.rmtree(folder)
        raise


def _run(*command: str | Path) -> None:
    processes.run_as(None, command, cwd=Path("/"))
