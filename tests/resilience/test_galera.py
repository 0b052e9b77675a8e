"""Three MariaDB servers with Galera, and the service on each: clients write through all of them."""

import asyncio
import time
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import URL

from ..support.galera import Node, cluster, joined
from ..support.processes import eventually
from ..support.projects import Project, Service
from ..support.sql import execute
from .bank import Bank, assert_exact
from .client import Answer, Request, send_all
from .load import Load, assert_told
from .served import assert_clean_end, database_of, migrated, with_settings

pytestmark = [pytest.mark.full, pytest.mark.deep]

A_WHILE = 60.0  # seconds to wait for an event
NODES = 3
TRANSFERS = 2_000
CLIENTS = 11  # of each service
MIGRATIONS = 10
PATIENT = {"DB_POOL_TIMEOUT": "60"}  # seconds, because many requests wait for a connection


@dataclass
class Cluster:
    """The nodes, and a project with a database in them."""

    nodes: list[Node]
    project: Project

    @property
    def databases(self) -> list[URL]:
        """The project's database on each node."""
        name = str(database_of(self.project).database)
        return [node.server.database(name) for node in self.nodes]

    def conflicts(self) -> int:
        """Return the number of transactions that nodes have rolled back for others' sake."""
        names = ("wsrep_local_cert_failures", "wsrep_local_bf_aborts")
        return sum(int(node.status(name)) for node in self.nodes for name in names)

    @contextmanager
    def serve(self) -> Generator[list[Service]]:
        """Serve the project on each node."""
        with ExitStack() as stack:
            on_each = [replace(self.project, database=database) for database in self.databases]
            serving = [with_settings(project, PATIENT).serve() for project in on_each]
            services = [stack.enter_context(service) for service in serving]
            yield services
            for service in services:
                assert_clean_end(service)


@pytest.fixture(scope="module")
def galera(tmp_path_factory: pytest.TempPathFactory, tested: dict[str, str]) -> Generator[Cluster]:
    with (
        cluster(NODES) as nodes,
        migrated(nodes[0].server, tmp_path_factory.mktemp("galera")) as project,
    ):
        tested["Galera"] = nodes[0].status("wsrep_provider_version").partition("(")[0]
        yield Cluster(nodes, project)


def test_conflicting_transfers_through_all_nodes_succeed_and_balances_are_exact(
    galera: Cluster,
) -> None:
    with galera.serve() as services:
        bank = Bank(services[0], accounts=10)
        requests = [bank.transfer() for _ in range(TRANSFERS)]
        before, began = galera.conflicts(), time.monotonic()
        answers = asyncio.run(send_through_all(services, requests))
        seconds, conflicts = time.monotonic() - began, galera.conflicts() - before
    print(f"{TRANSFERS} transfers in {seconds:.0f} s, {conflicts} conflicts")
    assert Counter(answer.status for answer in answers) == {201: TRANSFERS}
    assert conflicts > TRANSFERS / 20
    for database in galera.databases:
        assert bank.written(database) == Counter(request.mark for request in requests)
        assert_exact(database, bank.owner)


async def send_through_all(services: list[Service], requests: list[Request]) -> list[Answer]:
    """Send each service its share of the requests."""
    async with asyncio.TaskGroup() as group:
        sending = [
            group.create_task(
                send_all(service.address, requests[at::NODES], clients=CLIENTS, within=A_WHILE)
            )
            for at, service in enumerate(services)
        ]
    return [answer for task in sending for answer in task.result()]


def test_a_node_is_killed_and_returns(galera: Cluster) -> None:
    """Clients of the other nodes are served meanwhile, and no acknowledged write is lost."""
    dies, *live = galera.nodes[1], galera.nodes[0], galera.nodes[2]
    with galera.serve() as services:
        loads = [Load(service, clients=3, within=A_WHILE) for service in services]
        with loads[0], loads[1], loads[2]:
            assert served(loads)
            dies.kill()
            assert served([loads[0], loads[2]])
            assert joined(live)
            dies.start()
            assert joined(galera.nodes)
            assert served(loads)
        assert {it.status for load in (loads[0], loads[2]) for it in load.attempts} == {201}
        assert_told(loads[1])
    for load in loads:
        for database in galera.databases:
            load.assert_kept(database)


def served(loads: list[Load]) -> bool:
    """Wait until each client has got five answers of 201 in a row, from now on."""
    since = time.monotonic()
    return eventually(
        lambda: all(load.each_was_told(201, since=since, times=5) for load in loads),
        seconds=A_WHILE,
    )


def test_migrations_through_all_nodes_apply_a_revision_once(
    galera: Cluster, tmp_path: Path
) -> None:
    first = galera.nodes[0].server
    created = first.create_database()
    name = str(created.database)

    def migrate(number: int) -> str:
        database = galera.nodes[number % NODES].server.database(name)
        return replace(galera.project, database=database).manage("migrate").stdout

    with ThreadPoolExecutor(MIGRATIONS) as pool:
        told = list(pool.map(migrate, range(MIGRATIONS)))
    assert sum("Nothing to migrate" in lines for lines in told) == MIGRATIONS - 1, told
    for node in galera.nodes:
        versions = execute(node.server.database(name), "SELECT version_num FROM alembic_version")
        assert versions == [("0001",)]
    first.drop_database(created)
