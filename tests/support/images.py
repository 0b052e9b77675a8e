"""Images, built by buildah and run by podman, in a storage of their own.

The base image, which a Dockerfile would get from a registry, is made from Debian's unstable suite.
"""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import processes
from .debian import Debian, network_environment

PACKAGES = "buildah podman runc"
PYTHON = "/usr/bin/python3.15"  # of the suite
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def install() -> str:
    """Return the version of buildah; install it first if it is missing, with podman and runc.

    Raises:
        ServerError: it cannot be installed.
    """
    buildah, *_ = (processes.apt_installed(it, PACKAGES, it) for it in PACKAGES.split())
    shown = subprocess.run([buildah, "--version"], capture_output=True, text=True, check=True)
    return shown.stdout.split()[2]


@dataclass(frozen=True)
class Images:
    """A storage of images and containers."""

    folder: Path

    def command(self, program: str) -> list[str | Path]:
        """Return the first words of a command on the storage."""
        folders = ("--root", self.folder / "images", "--runroot", self.folder / "run")
        return [program, *folders, "--storage-driver", "vfs"]

    def run(self, program: str, *arguments: str | Path) -> str:
        """Run buildah or podman on the storage, which must succeed, and return its output."""
        return output(*self.command(program), *arguments)

    def add_base(self, suite: Debian, name: str) -> None:
        """Add an image of the suite, with `python` and `pip` in its PATH."""
        container = self.run("buildah", "from", "scratch")
        root = self.run("buildah", "mount", container)
        output("cp", "--archive", f"{suite.root}/.", root)
        output("chroot", root, PYTHON, "-m", "venv", "/usr/local")
        variables = network_environment() | {"PATH": PATH}
        options = [word for it in variables.items() for word in ("--env", "=".join(it))]
        self.run("buildah", "config", *options, container)
        self.run("buildah", "commit", "--rm", container, name)

    def build(self, project: Path, name: str) -> None:
        """Build a project's Dockerfile."""
        how = ("--isolation", "chroot", "--network", "host", "--format", "docker", "--pull-never")
        self.run("buildah", "bud", *how, "--tag", name, project)

    def configuration(self, name: str) -> dict[str, Any]:
        """Return an image's command, user, health check and the like."""
        [inspected] = json.loads(self.run("podman", "image", "inspect", name))
        found: dict[str, Any] = inspected["Config"]
        return found | {"Healthcheck": inspected["Healthcheck"]}

    def container(
        self, image: str, settings: Mapping[str, str], data: Path, *options: str
    ) -> list[str | Path]:
        """Return the first words of a command that runs an image as compose.yaml does.

        Args:
            image: its name.
            settings: environment variables.
            data: the folder to mount as /data.
            options: of podman.
        """
        variables = [word for it in settings.items() for word in ("--env", "=".join(it))]
        return [
            *self.command("podman"),
            *("--runtime", "runc", "run", "--rm", "--pull", "never", "--network", "host"),
            # podman would raise these limits, and have systemd run the health check.
            *("--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096", "--no-healthcheck"),
            *("--volume", f"{data}:/data"),
            *("--read-only", "--read-only-tmpfs=false", "--tmpfs", "/tmp"),
            *("--cap-drop", "all", "--security-opt", "no-new-privileges"),
            *(*variables, *options, image),
        ]


def output(*command: str | Path) -> str:
    """Run a command, which must succeed, and return its output."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    words = " ".join(map(str, command))
    assert done.returncode == 0, f"{words}:\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done.stdout.strip()
