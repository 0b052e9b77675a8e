"""nginx before a service, as docs/proxies.md shows: the installed one, or Debian's package in a deep run."""

import os
import re
import shutil
import ssl
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import run

import httpx

from . import processes
from .authority import Authority
from .projects import ROOT

SEARCH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
A_WHILE = 60.0  # seconds to wait for an event


def installed() -> str | None:
    """Return the path of the installed nginx, or None."""
    return shutil.which("nginx", path=SEARCH)


def install() -> str:
    """Return the path of nginx; install it if it is missing.

    Raises:
        ServerError: as `processes.apt_installed`.
    """
    return processes.apt_installed("nginx", "nginx-light", "nginx")


def closing_line(tested: Mapping[str, str]) -> str:
    """Return the line of the summary about proxies."""
    if "nginx" in tested:
        return f"proxies tested: nginx {tested['nginx']}; not tested: none"
    how = "" if installed() else " (install nginx-light, or run make deep as root)"
    return f"proxies tested: none; not tested: nginx{how}"


def version(program: str) -> str:
    return run((program, "-v"), capture_output=True, text=True, check=True).stderr.strip()[21:]


class Proxy:
    """A running nginx with the configuration of docs/proxies.md for some ports of the service."""

    def __init__(self, program: str, folder: Path, ports: Sequence[int]) -> None:
        folder.mkdir()
        self.program, self.folder, self.ports = program, folder, ports
        self.port = processes.free_port()
        self.address = f"https://127.0.0.1:{self.port}"
        self.certificate, self.key = Authority(folder / "tls").issue("api.example.com")
        self.tls = ssl.create_default_context(cafile=folder / "tls/ca.pem")
        self.configuration = folder / "nginx.conf"
        self.pid = 0

    def configure(self, down: int | None = None) -> None:
        """Write the configuration, with one of the ports marked as down."""
        text = (ROOT / "docs/proxies.md").read_text()
        [documented] = re.findall(r"```nginx\n(.*?)```", text, re.DOTALL)
        servers = "\n".join(
            f"    server 127.0.0.1:{port}{' down' if port == down else ''};" for port in self.ports
        )
        for shown, used in {
            "    server 127.0.0.1:8000;": servers,
            "listen 443 ssl;": f"listen 127.0.0.1:{self.port} ssl;",
            "/etc/ssl/api.example.com.pem": str(self.certificate),
            "/etc/ssl/api.example.com.key": str(self.key),
        }.items():
            assert shown in documented
            documented = documented.replace(shown, used)
        temporary = "".join(
            f"{kind}_temp_path {self.folder}/{kind}; "
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        self.configuration.write_text(f"""
daemon off; pid {self.folder}/pid; error_log {self.folder}/error.log;
events {{}}
http {{
{temporary}
access_log off;
{documented}
}}
""")

    def reload(self, down: int | None = None) -> None:
        """Apply the configuration, and wait until the old processes have ended."""
        old = self.workers()
        self.configure(down)
        run((self.program, "-c", self.configuration, "-s", "reload"), check=True)
        assert processes.eventually(
            lambda: bool(self.workers()) and not old & self.workers(), seconds=A_WHILE
        )

    def workers(self) -> set[str]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return set(children.read_text().split())

    def lives(self) -> bool:
        try:
            return httpx.get(f"{self.address}/health/live", verify=self.tls).status_code < 500
        except httpx.TransportError:
            return False


@contextmanager
def nginx(program: str, folder: Path, ports: Sequence[int]) -> Generator[Proxy]:
    """Run nginx while the block runs.

    Args:
        program: its path.
        folder: for its files; created.
        ports: where the instances of the service listen.
    """
    proxy = Proxy(program, folder, ports)
    proxy.configure()
    output = folder / "log"
    with output.open("w") as log:
        process = processes.spawn([program, "-c", proxy.configuration], cwd=folder, log=log)
        proxy.pid = process.pid
        try:
            up = processes.wait_until(proxy.lives, process, seconds=A_WHILE)
            assert up, output.read_text()
            yield proxy
        finally:
            processes.stop(process)
