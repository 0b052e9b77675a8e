"""The service behind nginx, as docs/proxies.md shows: client addresses, HSTS, rolling restarts."""

import threading
from collections import Counter
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from ..support.deep import scaled
from ..support.nginx import Proxy
from ..support.nginx import nginx as running_nginx
from ..support.processes import eventually, free_port, spawn, stop
from ..support.projects import Project
from ..support.servers import Server
from .served import migrated, with_settings

pytestmark = pytest.mark.full

A_WHILE = scaled(usual=120, deep=900)  # seconds
REQUESTS = scaled(usual=500, deep=10_000)
CLIENTS = 4
HOST = {"Host": "api.example.com"}


@pytest.fixture(scope="module")
def project(sqlite: Server, tmp_path_factory: pytest.TempPathFactory) -> Generator[Project]:
    with migrated(sqlite, tmp_path_factory.mktemp("proxies")) as project:
        yield with_settings(project, {"ALLOWED_HOSTS": "api.example.com,127.0.0.1"})


@pytest.mark.parametrize(("trusted", "https"), [("127.0.0.1", True), ("192.0.2.1", False)])
def test_a_trusted_proxy_tells_the_scheme(
    nginx: str, project: Project, tmp_path: Path, trusted: str, https: bool
) -> None:
    """Then the answer has HSTS."""
    believing = with_settings(project, {**project.settings, "FORWARDED_ALLOW_IPS": trusted})
    with (
        believing.serve() as service,
        running_nginx(nginx, tmp_path / "nginx", [httpx.URL(service.address).port or 0]) as proxy,
        httpx.Client(base_url=proxy.address, verify=proxy.tls, headers=HOST) as client,
    ):
        answer = client.get("/api/posts", headers={"X-Forwarded-Proto": "http"})
        assert answer.status_code == 200
        assert answer.headers.get_list("strict-transport-security") == (
            ["max-age=31536000"] if https else []
        )
        assert client.get("/api/posts", headers={"Host": "other.example.com"}).status_code == 400
        assert client.get("/api/posts", headers={"Cookie": "a=" + "b" * 7000}).status_code == 200
        assert client.post("/api/posts", content=b"x" * 1_500_000).status_code == 413


def test_a_rolling_restart_fails_no_request(nginx: str, project: Project, tmp_path: Path) -> None:
    """Two instances and a worker are replaced one after the other, as docs/proxies.md says."""
    ports = [free_port(), free_port()]
    mails = tmp_path / "mails"
    mailing = with_settings(project, {**project.settings, "MAIL_URL": f"file://{mails}"})
    with ExitStack() as stack:
        instances = [stack.enter_context(mailing.serve(port=port)) for port in ports]
        instances[0].log_in()
        authorization = instances[0].authorization
        proxy = stack.enter_context(running_nginx(nginx, tmp_path / "nginx", ports))
        load = stack.enter_context(Load(proxy, authorization))
        for number, port in enumerate(ports):
            with worker(mailing, tmp_path / f"worker-{number}.log"):
                load.wait_for(load.total() + REQUESTS // 5)
                proxy.reload(down=port)
                assert instances[number].stop().exit_code == 0
                load.wait_for(load.total() + REQUESTS // 10)
                stack.enter_context(mailing.serve(port=port))
                proxy.reload()
        load.wait_for(REQUESTS)
        with worker(mailing, tmp_path / "worker.log"):
            load.stop()
            published = load.outcomes["published"]
            assert eventually(lambda: len(list(mails.glob("*.eml"))) == published, seconds=A_WHILE)
    assert load.outcomes.keys() <= {"read", "written", "published"}, load.outcomes


class Load:
    """Clients that read, write and publish posts, each request on a connection of its own."""

    def __init__(self, proxy: Proxy, authorization: str) -> None:
        self.outcomes: Counter[str] = Counter()
        self._proxy, self._headers = proxy, {**HOST, "Authorization": authorization}
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._clients = [threading.Thread(target=self._run) for _ in range(CLIENTS)]

    def __enter__(self) -> "Load":
        for client in self._clients:
            client.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        print(self.outcomes)

    def stop(self) -> None:
        self._over.set()
        for client in self._clients:
            client.join()

    def total(self) -> int:
        with self._lock:
            return self.outcomes.total()

    def wait_for(self, number: int) -> None:
        assert eventually(lambda: self.total() >= number, seconds=A_WHILE), self.outcomes

    def _run(self) -> None:
        number = 0
        while not self._over.is_set():
            number += 1
            self._send("read", "GET", "/api/posts")
            if number % 5 == 0:
                body = {"title": "A post", "body": "Of words."}
                answer = self._send("written", "POST", "/api/posts", body)
                if number % 25 == 0 and answer is not None:
                    self._send("published", "POST", f"/api/posts/{answer.json()['id']}/publish")

    def _send(
        self, kind: str, method: str, path: str, body: dict[str, str] | None = None
    ) -> httpx.Response | None:
        """Send a request, count its outcome, and return the answer if it is a success."""
        answer = None
        try:
            answer = httpx.request(
                method,
                self._proxy.address + path,
                json=body,
                headers={**self._headers, "Connection": "close"},
                verify=self._proxy.tls,
                timeout=A_WHILE,
                trust_env=False,
            )
            outcome = kind if answer.is_success else f"{kind} {answer.status_code}"
        except httpx.TransportError as error:
            outcome = repr(error)
        with self._lock:
            self.outcomes[outcome] += 1
        return answer if outcome == kind else None


@contextmanager
def worker(project: Project, log: Path) -> Generator[None]:
    """Run `manage.py worker` while the block runs."""
    command: list[str | Path] = [project.python, "manage.py", "worker"]
    with log.open("w") as output:
        process = spawn(command, cwd=project.root, log=output, env=project.environment())
        try:
            yield
        finally:
            assert stop(process, seconds=A_WHILE) == 0, log.read_text()
