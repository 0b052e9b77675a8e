"""Two server processes of one service: what ends a session in one ends it in the other at once."""

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from ..support.processes import apt_installed, free_port, spawn, stop, wait_until
from ..support.projects import Project, Service
from ..support.servers import Server
from .workshop import workshop

pytestmark = pytest.mark.full

PASSWORD, NEW_PASSWORD = "violet canoe harbour 47", "amber lantern orchard 83"
ADA = "ada@example.org"


@pytest.fixture(scope="module")
def project(database: Server, tmp_path_factory: pytest.TempPathFactory) -> Generator[Project]:
    with workshop(database, tmp_path_factory.mktemp(database.name) / "project") as project:
        create_user(project)
        yield project


def create_user(project: Project) -> None:
    """Run `manage.py createuser`, which reads the password from standard input."""
    subprocess.run(
        [project.python, "manage.py", "createuser", ADA],
        cwd=project.root,
        env=project.environment(),
        input=f"{PASSWORD}\n",
        text=True,
        check=True,
    )


def log_in(service: Service, password: str = PASSWORD) -> dict[str, str]:
    """The header of a new session's token."""
    body = {"email": ADA, "password": password, "bearer": True}
    answer = service.client.post("/api/auth/login", json=body)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def status(service: Service, headers: dict[str, str]) -> int:
    return service.client.get("/api/me", headers=headers).status_code


def test_sessions_end_in_every_process_at_once(project: Project) -> None:
    with project.serve() as one, project.serve() as two:
        own, other, third = log_in(one), log_in(two), log_in(two)
        assert {status(two, headers) for headers in (own, other, third)} == {200}
        body = {"current": PASSWORD, "new": NEW_PASSWORD}
        changed = one.client.put("/api/me/password", json=body, headers=own)
        assert changed.status_code == 204
        assert [status(two, headers) for headers in (other, third, own)] == [401, 401, 200]
        assert [status(one, headers) for headers in (other, third, own)] == [401, 401, 200]
        last = log_in(two, NEW_PASSWORD)
        assert two.client.post("/api/auth/logout", headers=own).status_code == 204
        assert [status(one, headers) for headers in (own, last)] == [401, 200]
        project.manage("endsessions", ADA)
        assert [status(service, last) for service in (one, two)] == [401, 401]


@contextmanager
def nginx(project: Project, upstream: str) -> Generator[str]:
    """Run nginx before a service, as docs/proxies.md shows; return its address."""
    port = free_port()
    folder = project.root.parent / f"nginx-{port}"
    folder.mkdir()
    configuration = folder / "nginx.conf"
    configuration.write_text(f"""
daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass {upstream};
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
    }}
  }}
}}
""")
    program = apt_installed("nginx", "nginx-light", "nginx")
    address = f"http://127.0.0.1:{port}"
    with folder.joinpath("log").open("w") as log:
        process = spawn([program, "-c", configuration], cwd=folder, log=log)

        def lives() -> bool:
            try:
                return httpx.get(f"{address}/health/live", trust_env=False).is_success
            except httpx.TransportError:
                return False

        try:
            assert wait_until(lives, process, seconds=30), folder.joinpath("log").read_text()
            yield address
        finally:
            stop(process)


def sign_ups(address: str, ip: str, count: int, **headers: str) -> list[int]:
    """The statuses of sign-ups from an address of this machine."""
    transport = httpx.HTTPTransport(local_address=ip)
    with httpx.Client(base_url=address, transport=transport, headers=headers) as client:
        bodies: list[dict[str, Any]] = [
            {"email": f"{ip}-{number}@example.org"} for number in range(count)
        ]
        return [client.post("/api/auth/signup", json=body).status_code for body in bodies]


@pytest.mark.deep
@pytest.mark.parametrize("trusted", ["127.0.0.1", "192.0.2.1"])
def test_behind_a_trusted_proxy_each_client_has_its_own_limit(
    sqlite: Server, tmp_path_factory: pytest.TempPathFactory, trusted: str
) -> None:
    folder = tmp_path_factory.mktemp("proxy") / "project"
    with (
        workshop(sqlite, folder, FORWARDED_ALLOW_IPS=trusted) as project,
        project.serve() as service,
        nginx(project, service.address) as address,
    ):
        statuses = sign_ups(address, "127.0.0.2", 21)
        assert statuses[:20] == [202] * 20
        assert statuses[20] == 429
        forged = {"X-Forwarded-For": "198.51.100.1"}
        assert sign_ups(address, "127.0.0.2", 1, **forged) == [429]
        expected = 202 if trusted == "127.0.0.1" else 429
        assert sign_ups(address, "127.0.0.3", 1) == [expected]
