"""Requests that are dropped or cancelled at random moments leave nothing behind."""

import asyncio
import json
import socket
import struct
from collections import Counter
from random import Random
from secrets import token_hex

import pytest

from ..support.deep import scaled
from ..support.projects import Project, Service
from ..support.servers import Server
from .bank import FUNDS, Bank, assert_exact
from .client import PROMPT, Request, read_answer, send_all
from .served import (
    assert_clean_end,
    assert_closed,
    assert_connections,
    database_of,
    running,
    with_settings,
)

pytestmark = pytest.mark.full

DROPPED = scaled(usual=300, deep=2000)
POOL = 4
SMALL_POOL = {"DB_POOL_SIZE": str(POOL), "DB_MAX_OVERFLOW": "2"}  # a few leaks would exhaust it
AT_ONCE = 32
LONGEST = 0.03  # seconds that a client waits for an answer before it drops the request


def test_dropped_requests_leave_nothing_behind(database: Server, project: Project) -> None:
    with with_settings(project, SMALL_POOL).serve() as service:
        bank = Bank(service, accounts=4)
        print(asyncio.run(drop_many(service, bank)))
        assert_connections(database, project, at_rest)
        after = [bank.transfer() for _ in range(100)]
        answers = asyncio.run(send_all(service.address, after, clients=2 * POOL))
        assert Counter(answer.status for answer in answers) == {201: 100}
        assert_exact(database_of(project), bank.owner)
        assert_clean_end(service)
    assert_closed(database, project)


def test_cancelled_requests_leave_nothing_behind(database: Server, project: Project) -> None:
    """Servers cancel requests at shutdown, and apps cancel calls that take too long."""
    bank = f"bank-{token_hex(4)}@example.com"
    small = with_settings(project, SMALL_POOL)
    with running(small, "cancelled.py", str(DROPPED), "my_service", bank) as script:
        left = json.loads(script.line())
        print(left)
        assert left["ends"].keys() - {"CancelledError"} == {"200", "201", "503"}
        assert left["after"].keys() == {"200", "201"}
        assert left["in use"] == 0
        assert_connections(database, project, lambda states: states == ["idle"] * left["kept"])
        assert_exact(database_of(project), bank)
        assert script.end() == (0, "")
    assert_closed(database, project)


def at_rest(states: list[str]) -> bool:
    """Whether there are at most as many connections as the pool keeps, all of them idle."""
    return 0 < len(states) <= POOL and set(states) == {"idle"}


async def drop_many(service: Service, bank: Bank) -> Counter[str]:
    """Drop requests, many at a time, and count the drops by moment."""
    random = Random("drops")
    moments: Counter[str] = Counter()
    waiting = list(range(DROPPED))

    async def client() -> None:
        while waiting:
            number = waiting.pop()
            moments[await drop(service, a_request(bank, number), random)] += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(client())
    return moments


def a_request(bank: Bank, number: int) -> Request:
    """Return a request; the kinds of statements and units of work take turns."""
    name = f"{bank.owner}-{number}"
    match number % 5:
        case 0:
            body = {"title": name, "body": "Dropped."}
            return Request("POST", "/api/posts", body, authorization=bank.authorization)
        case 1:
            return Request(
                "POST", "/api/accounts", {"balance": str(FUNDS)}, authorization=bank.authorization
            )
        case 2:
            return Request("GET", "/api/posts?per_page=50")
        case 3:
            path = f"/api/accounts/{bank.accounts[0]}"
            return Request("GET", path, authorization=bank.authorization)
        case _:
            return bank.transfer()


async def drop(service: Service, request: Request, random: Random) -> str:
    """Send a request, disconnect at a random moment, and return the moment's name."""
    port = int(service.address.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    wire = b"".join(request.head_and_body())
    try:
        for _ in range(random.randint(0, 2)):  # not always the first request of a connection
            writer.write(b"".join(Request("GET", "/api/posts?per_page=1").head_and_body()))
            assert (await read_answer(reader)).status == 200
        moment = random.choice(("half sent", "sent", "waiting", "half answered"))
        writer.write(wire[: random.randrange(len(wire))] if moment == "half sent" else wire)
        if moment == "waiting":
            await asyncio.sleep(random.uniform(0, LONGEST))
        elif moment == "half answered":
            async with asyncio.timeout(PROMPT):
                await reader.read(random.randint(1, 200))
        if abrupt := random.random() < 0.5:
            reset_at_close(writer.get_extra_info("socket"))
    finally:
        writer.close()
    return f"{moment}, {'reset' if abrupt else 'closed'}"


def reset_at_close(connection: socket.socket) -> None:
    """Make closing a connection send RST instead of FIN, as when a client crashes."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
