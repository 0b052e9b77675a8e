"""Clients that write continuously in the background, and the answers that they received."""

import asyncio
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import cycle
from typing import NamedTuple, Self

from sqlalchemy import URL

from ..support.projects import Service
from ..support.sql import execute
from .bank import Bank, assert_exact, money
from .client import PROMPT, Answer, Connection, NoAnswer, Request


class Attempt(NamedTuple):
    """A request and its outcome."""

    client: int
    request: Request
    began: float  # by time.monotonic()
    ended: float
    answer: Answer | None
    failure: Exception | None

    @property
    def status(self) -> int | None:
        return None if self.answer is None else self.answer.status

    @property
    def torn(self) -> bool:
        """Whether the connection ended in the middle of the answer."""
        return isinstance(self.failure, NoAnswer) and self.failure.torn

    @property
    def outcome(self) -> str:
        return repr(self.failure) if self.answer is None else str(self.answer.status)


class Load:
    """Clients that create accounts, posts and transfers until the server stops or the block ends.

    An account is one prepared statement, a post is a unit of work, and a transfer is a unit of work
    that locks rows and is retried on conflict.
    """

    def __init__(
        self,
        service: Service,
        *,
        clients: int = 9,
        within: float = PROMPT,
        reads: bool = False,
        on_acknowledged: Callable[[Request], None] | None = None,
    ) -> None:
        """Create the users and the accounts that the requests refer to.

        Args:
            service: the service to write to.
            clients: the number of concurrent clients.
            within: seconds that an answer may take.
            reads: let clients also read an account and the feed of posts.
            on_acknowledged: called as soon as a client has read a 201, before any other client reads.
        """
        self.name = f"load-{secrets.token_hex(4)}"
        self.bank = Bank(service, accounts=4)
        self.author = service.log_in()
        self.authorization = service.authorization
        self.attempts: list[Attempt] = []
        self._address = service.address
        self._clients = clients
        self._within = within
        self._kinds = ("account", "post", "transfer", *(("look", "feed") if reads else ()))
        self._on_acknowledged = on_acknowledged
        self._over = False
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._thread.join()
        print(self.summary())  # pytest shows it if the test fails

    def is_over(self) -> bool:
        """Whether every client has stopped because its connection was refused."""
        return not self._thread.is_alive()

    def stands_still(self) -> bool:
        """Whether no client has been answered for half a second."""
        last = self.attempts[-1].ended if self.attempts else time.monotonic()
        return time.monotonic() - last > 0.5

    def each_was_told(self, status: int, *, since: float, times: int) -> bool:
        """Whether each client got `times` answers of this status in a row after this moment."""
        told = dict.fromkeys(range(self._clients), 0)
        for it in list(self.attempts):
            if it.began >= since and told[it.client] < times:
                told[it.client] = told[it.client] + 1 if it.status == status else 0
        return min(told.values()) >= times

    def last_failure(self) -> float:
        """Return when the last request ended that was not answered with 201, or 0."""
        return max((it.ended for it in list(self.attempts) if it.status != 201), default=0.0)

    def summary(self) -> str:
        outcomes = Counter(f"{it.request.path} {it.outcome}" for it in self.attempts)
        slowest = max((it.ended - it.began for it in self.attempts), default=0.0)
        return f"{self.name}: {dict(outcomes)}, slowest {slowest:.2f} s"

    def acknowledged(self) -> Counter[str]:
        """Return the marks of the rows whose creation was answered with 201."""
        return Counter(it.request.mark for it in list(self.attempts) if it.status == 201)

    def written(self, database: URL) -> Counter[str]:
        """Return the marks of the rows in the database."""
        like = {"like": f"{self.name}-%"}
        posts = execute(database, "SELECT title FROM posts WHERE title LIKE :like", like)
        accounts = execute(
            database,
            "SELECT a.balance FROM accounts a JOIN users u ON u.id = a.owner_id WHERE u.email = :owner",
            {"owner": self.author},
        )
        opened = Counter(self._mark(money(database, balance)) for (balance,) in accounts)
        return Counter(str(title) for (title,) in posts) + opened + self.bank.written(database)

    def _mark(self, balance: Decimal) -> str:
        """Return the mark of an account: each is opened with another balance."""
        return f"{self.name} {balance}"

    def assert_kept(self, database: URL) -> None:
        """Assert that every acknowledged row exists once, and that every balance is exact."""
        written = self.written(database)
        lost = self.acknowledged() - written
        assert not lost, f"acknowledged but missing: {lost}; {self.summary()}"
        doubled = {mark: times for mark, times in written.items() if times > 1}
        assert not doubled, f"requested once but stored several times: {doubled}"
        assert_exact(database, self.bank.owner)

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(self._clients):
                group.create_task(self._write(number))

    async def _write(self, client: int) -> None:
        async with Connection(self._address) as connection:
            for request in self._requests(client):
                began, answer, failure = time.monotonic(), None, None
                try:
                    answer = await connection.send(request, within=self._within)
                except ConnectionRefusedError:
                    return
                except (NoAnswer, TimeoutError) as error:
                    failure = error
                ended = time.monotonic()
                self.attempts.append(Attempt(client, request, began, ended, answer, failure))
                if self._on_acknowledged and self.attempts[-1].status == 201:
                    self._on_acknowledged(request)
                if self._over:
                    return

    def _requests(self, client: int) -> Iterator[Request]:
        """Yield the requests of one client, which differ from those of all others."""
        for number, kind in enumerate(cycle(self._kinds)):
            mark = f"{self.name}-{client}-{number}"
            match kind:
                case "account":
                    balance = Decimal(client * 1_000_000 + number).scaleb(-2)
                    mark = self._mark(balance)
                    body = {"balance": str(balance)}
                    yield Request("POST", "/api/accounts", body, mark, self.authorization)
                case "post":
                    body = {"title": mark, "body": "Much to say."}
                    yield Request("POST", "/api/posts", body, mark, self.authorization)
                case "transfer":
                    yield self.bank.transfer()
                case "look":
                    yield self.bank.look()
                case _:
                    yield Request("GET", "/api/posts/feed")


def assert_told(load: Load) -> None:
    """Assert that each request was answered with 201, or with 503 and Retry-After.

    If the outcome of a COMMIT is unknown, a retry may not be safe, so there is no Retry-After.
    """
    assert {it.status for it in load.attempts} == {201, 503}, load.summary()
    for answer in (it.answer for it in load.attempts):
        if answer is not None and answer.status == 503:
            unknown = answer.json()["type"] == "urn:problem:outcome-unknown"
            assert unknown or int(answer.headers["retry-after"]) > 0
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["status"] == 503
