"""A service that reads a replica, which lags by half a second."""

import asyncio
import hmac
import threading
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from typing import Any, Self

import httpx
import pytest
from sqlalchemy import URL

from ..support.deep import scaled
from ..support.processes import eventually
from ..support.projects import SECRET_KEY, Project, Service
from ..support.sql import execute
from ..support.standbys import Following, late_replica
from .served import assert_clean_end, database_of, migrated, with_settings

pytestmark = pytest.mark.full

A_WHILE = 60.0  # seconds to wait for an event
DELAY = 0.5  # seconds by which each change is late
LAG = "2"  # seconds that the replica may lag
WRITERS = 8
CHECKS = scaled(usual=200, deep=5_000)
HEADER = "X-Read-Primary"


@dataclass
class Pair:
    """A primary, a replica, and a project on them whose app `places` says where it reads."""

    primary: Following
    replica: Following
    project: Project

    @property
    def copy(self) -> URL:
        """The project's database on the replica."""
        return self.replica.server.database(str(database_of(self.project).database))

    @property
    def settings(self) -> dict[str, str]:
        url = self.copy.render_as_string(hide_password=False)
        return {"DATABASE_REPLICA_URL": url, "DB_REPLICA_LAG": LAG}

    @contextmanager
    def serve(self) -> Generator["Reader"]:
        """Serve the project, and wait until it reads the replica."""
        with with_settings(self.project, self.settings).serve() as service:
            self.project.log_in(service.client)
            with httpx.Client(base_url=service.address, trust_env=False, timeout=60) as client:
                reader = Reader(self, service, client, create(service.client, "Old"))
                assert eventually(lambda: reader.port() == self.replica.port, seconds=A_WHILE)
                yield reader


@dataclass
class Reader:
    """The service, a client that has never written, and the post that it reads."""

    pair: Pair
    service: Service
    client: httpx.Client
    post: str

    def port(self, way: str = "prepared", **headers: str) -> int:
        """Return the port of the server that answers a read."""
        answer = self.client.get(f"/api/seen/{way}/{self.post}", headers=headers)
        if answer.status_code == 404:
            return 0  # the replica does not have the post yet
        assert answer.status_code == 200, answer.text
        port: int = answer.json()["port"]
        return port


def create(client: httpx.Client, title: str) -> str:
    answer = client.post("/api/posts", json={"title": title, "body": "Much to say."})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Pair]:
    with (
        late_replica(request.param, DELAY) as (primary, replica),
        migrated(primary.server, tmp_path_factory.mktemp("replica")) as project,
    ):
        copytree(Path(__file__).parent / "app" / "places", project.root / "my_service/apps/places")
        settings = project.root / "my_service/settings.py"
        before = settings.read_text()
        settings.write_text(before.replace('"ledger",', '"ledger",\n        "places",'))
        yield Pair(primary, replica, project)


@pytest.fixture(scope="module")
def reader(pair: Pair) -> Generator[Reader]:
    with pair.serve() as reader:
        yield reader
        assert_clean_end(reader.service, says="unhandled exception")


@pytest.mark.parametrize(
    ("way", "on_replica"),
    [
        ("prepared", True),
        ("unit", True),
        ("both", True),
        ("user", True),
        ("primary", False),
        ("block", False),
        ("written", False),
    ],
)
def test_reads_go_to_the_replica_unless_they_must_not(
    reader: Reader, way: str, on_replica: bool
) -> None:
    authorization = reader.service.authorization
    expected = reader.pair.replica if on_replica else reader.pair.primary
    assert eventually(
        lambda: reader.port(way, Authorization=authorization) == expected.port, seconds=A_WHILE
    )


@pytest.mark.parametrize("name", [HEADER, "Cookie"])
@pytest.mark.parametrize(
    ("seconds", "key", "on_primary"),
    [(60, SECRET_KEY, True), (-1, SECRET_KEY, False), (60, "a guessed key", False)],
    ids=["valid", "expired", "forged"],
)
def test_only_a_text_that_is_signed_and_not_expired_insists_on_the_primary(
    reader: Reader, name: str, seconds: int, key: str, on_primary: bool
) -> None:
    until = str(round((time.time() + seconds) * 1000))
    text = f"{until}.{hmac.digest(key.encode(), f'read_primary:{until}'.encode(), 'sha256').hex()}"
    headers = {name: f"read_primary={text}" if name == "Cookie" else text}
    expected = reader.pair.primary if on_primary else reader.pair.replica
    assert eventually(lambda: reader.port(**headers) == expected.port, seconds=A_WHILE)


@pytest.mark.parametrize("text", [b"", b".", b"x.y", b"9" * 5_000, b"\xb2." + b"0" * 64])
def test_any_text_may_be_sent(reader: Reader, text: bytes) -> None:
    for header in ((b"cookie", b"read_primary=" + text), (HEADER.encode(), text)):
        answer = reader.client.get(f"/api/seen/prepared/{reader.post}", headers=[header])
        assert answer.status_code == 200


def test_every_client_reads_its_own_writes(reader: Reader) -> None:
    """Half of the writers keep the cookie, half send the header back; others read meanwhile."""
    found = asyncio.run(write_and_read(reader))
    assert found["missing"] == 0, found
    assert found["own"] >= CHECKS
    others = found["replica"] + found["primary"]
    print(f"{found}: {found['replica'] / others:.1%} of other reads on the replica")
    assert others >= CHECKS, found
    assert found["replica"] >= 0.9 * others, found


async def write_and_read(reader: Reader) -> Counter[str]:
    found: Counter[str] = Counter()
    over = False

    def client() -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=reader.service.address, trust_env=False, timeout=60)

    async def write(number: int) -> None:
        async with client() as http:
            http.headers["Authorization"] = reader.service.authorization
            while found["own"] < CHECKS:
                body = {"title": f"Of {number}", "body": "Much to say."}
                answer = note(http, number, await http.post("/api/posts", json=body))
                await check(http, answer.json()["id"], f"Of {number}")
                body = {"title": f"By {number}"}
                path = f"/api/posts/{answer.json()['id']}"
                answer = note(http, number, await http.patch(path, json=body))
                await check(http, answer.json()["id"], f"By {number}")

    def note(http: httpx.AsyncClient, number: int, answer: httpx.Response) -> httpx.Response:
        assert answer.is_success, answer.text
        if number % 2:
            http.cookies.clear()
            http.headers[HEADER] = answer.headers[HEADER]
        return answer

    async def check(http: httpx.AsyncClient, key: str, title: str) -> None:
        for way in ("prepared", "unit"):
            answer = await http.get(f"/api/seen/{way}/{key}")
            seen: dict[str, Any] = answer.json()
            found["missing"] += answer.status_code != 200 or seen["title"] != title
            found["own"] += 1

    async def read() -> None:
        async with client() as http:
            while not over or found["replica"] + found["primary"] < CHECKS:
                for way in ("prepared", "unit"):
                    answer = await http.get(f"/api/seen/{way}/{reader.post}")
                    assert answer.status_code == 200, answer.text
                    here = answer.json()["port"] == reader.pair.replica.port
                    found["replica" if here else "primary"] += 1

    readers = [asyncio.create_task(read()) for _ in range(2)]
    async with asyncio.TaskGroup() as group:
        for number in range(WRITERS):
            group.create_task(write(number))
    over = True
    await asyncio.gather(*readers)
    return found


def test_check_compares_the_replica_with_the_primary(pair: Pair) -> None:
    serving = with_settings(pair.project, pair.settings)
    serving.manage("check")
    stranger = pair.primary.server.database(str(database_of(pair.project).database))
    for url, message in [
        (stranger, "database.E002"),
        (pair.replica.server.url, "database.E003"),
        (pair.copy.set(port=1), "database.E004"),
    ]:
        wrong = {"DATABASE_REPLICA_URL": url.render_as_string(hide_password=False)}
        found = with_settings(pair.project, {**pair.settings, **wrong}).manage("check", expect=1)
        assert message in found.stderr, found.stderr


def test_a_replica_needs_a_signing_key(pair: Pair) -> None:
    without = with_settings(pair.project, {**pair.settings, "SECRET_KEY": ""})
    refused = without.manage("check", expect=2)
    assert "needs SECRET_KEY, which signs how long a client reads the primary" in refused.stderr


def test_a_replica_may_fail(reader: Reader) -> None:
    """It is killed, does not apply changes, lacks a table, and is promoted; no read fails."""
    primary, replica = reader.pair.primary, reader.pair.replica

    def reads(server: Following) -> bool:
        return eventually(lambda: reader.port() == server.port, seconds=A_WHILE)

    with Reading(reader) as reading:
        replica.kill()
        assert reads(primary)
        replica.start()
        assert reads(replica)

        replica.pause()
        execute(database_of(reader.pair.project), "CREATE TABLE late AS SELECT 'New' AS title")
        for way in ("late", "late-in-unit"):
            answer = reader.client.get(f"/api/seen/{way}")
            assert (answer.status_code, answer.json()["port"]) == (200, primary.port)
        assert reads(primary)
        replica.resume()
        assert reads(replica)

        replica.promote()
        assert reads(primary)
    assert reading.answers.keys() == {200}, reading.answers


class Reading:
    """Clients that read in both ways while the block runs, and the statuses of their answers."""

    def __init__(self, reader: Reader) -> None:
        self.answers: Counter[int] = Counter()
        self._reader = reader
        self._over = False
        self._threads = [
            threading.Thread(target=self._read, args=(way,)) for way in ("prepared", "unit") * 2
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        assert eventually(lambda: self.answers.total() > 20, seconds=A_WHILE)
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        for thread in self._threads:
            thread.join()

    def _read(self, way: str) -> None:
        address = self._reader.service.address
        with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
            while not self._over:
                answer = client.get(f"/api/seen/{way}/{self._reader.post}")
                self.answers[answer.status_code] += 1
