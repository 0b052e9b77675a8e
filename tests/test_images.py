"""The image of each driver is built, and runs with few rights: it migrates, serves and stops."""

import json
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from .conftest import each_driver
from .support import images, processes, pythons
from .support.debian import Debian
from .support.images import Images
from .support.once import once
from .support.projects import SECRET_KEY, render
from .support.servers import Server

pytestmark = [pytest.mark.full, pytest.mark.deep]

BASE = "docker.io/library/python:3.15-slim-trixie"  # what the Dockerfile asks for
BOOTING = 60.0  # seconds
STOPPING = 10.0  # what an engine grants before it kills
CLEANING = 60.0  # podman then deletes the container's copy of the image
USER = 10001
PORT = "8000"  # of the image; on this machine it may be in use
# Prints the user and the rights of the first process, and each folder that it may write to.
ASK = r"""
import json, os
status = dict(line.split(":\t") for line in open("/proc/1/status") if line.startswith(("Uid", "Cap")))
rights = [int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")]
writable = [path for path in ("/", "/app", "/opt/venv", "/tmp", "/data") if os.access(path, os.W_OK)]
print(json.dumps({"user": status["Uid"].split(), "rights": sum(rights), "writable": writable}))
"""


@dataclass(frozen=True)
class Image:
    """The image of a service, and how to run it."""

    images: Images
    name: str
    settings: dict[str, str]
    data: Path

    def command(self, *options: str) -> list[str | Path]:
        return self.images.container(self.name, self.settings, self.data, *options)

    def words(self, command: list[str], port: int) -> list[str]:
        """Return a command of the image, on another port."""
        return [word.replace(PORT, str(port)) for word in command]

    @contextmanager
    def serve(self, name: str, port: int) -> Generator[subprocess.Popen[str]]:
        """Run the image's own command while the block runs."""
        command = self.images.configuration(self.name)["Cmd"]
        log = self.data.parent / f"{name}.log"
        with log.open("w") as output:
            process = processes.spawn(
                [*self.command("--name", name), *self.words(command, port)],
                cwd=self.data.parent,
                log=output,
            )
            try:
                assert processes.wait_until(lambda: lives(port), process, seconds=BOOTING)
                yield process
            finally:
                processes.stop(process)
                print(log.read_text())  # pytest shows it if the test fails


def lives(port: int) -> bool:
    try:
        url = f"http://127.0.0.1:{port}/health/live"
        return httpx.get(url, trust_env=False).is_success
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def storage(
    unstable: Debian, tmp_path_factory: pytest.TempPathFactory, tested: dict[str, str]
) -> Images:
    tested["images by buildah"] = once("buildah", images.install, tmp_path_factory)
    storage = Images(tmp_path_factory.mktemp("images"))
    storage.add_base(unstable, BASE)
    return storage


@pytest.fixture(scope="module")
def image(
    database: Server, storage: Images, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Image]:
    folder = tmp_path_factory.mktemp(database.driver)
    root = render(folder / "project", driver=database.driver)
    pythons.uv("lock", cwd=root)
    name = f"localhost/service-{database.name}"
    storage.build(root, name)
    data = folder / "data"
    data.mkdir()
    data.chmod(0o777)
    url = database.create_database()
    if database.name == "sqlite":
        url = url.set(database="/data/service.db")
    settings = {
        "DATABASE_URL": url.render_as_string(hide_password=False),
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "SECRET_KEY": SECRET_KEY,
    }
    yield Image(storage, name, settings, data)
    database.drop_database(url)


@each_driver
def test_an_image_migrates_serves_and_stops_with_few_rights(image: Image) -> None:
    migrated = images.output(*image.command(), "python", "manage.py", "migrate")
    assert "0001" in migrated
    configuration = image.images.configuration(image.name)
    assert configuration["User"] == f"{USER}:{USER}"
    port, name = processes.free_port(), image.name.rpartition("/")[2]
    with image.serve(name, port) as process:

        def inside(*command: str) -> str:
            return image.images.run("podman", "--runtime", "runc", "exec", name, *command)

        assert httpx.get(f"http://127.0.0.1:{port}/api/posts", trust_env=False).json()["total"] == 0
        assert json.loads(inside("python", "-c", ASK)) == {
            "user": [str(USER)] * 4,
            "rights": 0,
            "writable": ["/tmp", "/data"],
        }
        how, *check = configuration["Healthcheck"]["Test"]
        assert how == "CMD"
        inside(*image.words(check, port))
        pid = image.images.run("podman", "inspect", "--format", "{{.State.Pid}}", name)
        process.terminate()  # podman passes it on
        assert processes.eventually(lambda: not Path("/proc", pid).exists(), seconds=STOPPING)
        assert process.wait(timeout=CLEANING) == 0
