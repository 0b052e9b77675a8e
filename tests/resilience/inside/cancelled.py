"""Runs inside a project: cancels requests at random moments, and reports what they leave behind.

The arguments are the number of requests, the package's name and the bank's name. The script prints
a line of JSON, then waits until its input ends, so that the caller can inspect the database.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from importlib import import_module
from random import Random
from typing import Any

import httpx
from sqlalchemy import text

AT_ONCE = 16


async def call(
    app: Any, token: bytes, method: str, path: str, body: dict[str, Any] | None = None
) -> Any:
    """Call an application without a server; return the status and the answer's body."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": json.dumps(body).encode() if body else b""}

    async def send(message: Any) -> None:
        sent.append(message)

    plain, _, query = path.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": plain,
        "raw_path": plain.encode(),
        "query_string": query.encode(),
        "headers": [
            (b"host", b"localhost"),
            (b"content-type", b"application/json"),
            (b"authorization", token),
        ],
        "state": {},
    }
    await app(scope, receive, send)
    answer = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], json.loads(answer)


async def cancel_many(
    app: Any, count: int, bank: str, database: Any, token: bytes
) -> dict[str, Any]:
    """Cancel requests, many at a time; return their outcomes and the state of the pool."""
    pool = database.get_engine().pool
    random = Random(bank)
    opened = [
        await call(app, token, "POST", "/api/accounts", {"balance": "100000.00"}) for _ in range(4)
    ]
    accounts: list[str] = [account["id"] for _, account in opened]

    async def pausing_unit() -> Any:
        """Wait for something other than the database inside a unit of work, as an app may."""
        async with database.transaction() as session:
            await session.execute(text("SELECT 1"))
            await asyncio.sleep(random.uniform(0, undisturbed))
            await session.execute(text("SELECT 1"))
        return 200, None

    def a_request(number: int) -> Any:
        name = f"{bank}-{number}"
        source, target = random.sample(accounts, 2)
        match number % 6:
            case 0:
                body = {"title": name, "body": "Cancelled."}
                return call(app, token, "POST", "/api/posts", body)
            case 1:
                return call(app, token, "POST", "/api/accounts", {"balance": "100000.00"})
            case 2:
                return call(app, token, "GET", "/api/posts?per_page=50")
            case 3:
                return call(app, token, "GET", f"/api/accounts/{source}")
            case 4:
                return pausing_unit()
            case _:
                body = {"from_account_id": source, "to_account_id": target, "amount": "0.01"}
                return call(app, token, "POST", "/api/transfers", body)

    undisturbed = 0.0
    for batch in range(2):  # the second batch finds connections open and statements compiled
        began = time.monotonic()
        await asyncio.gather(*(a_request(count * 2 + batch * AT_ONCE + n) for n in range(AT_ONCE)))
        undisturbed = time.monotonic() - began

    loop = asyncio.get_running_loop()
    ends: Counter[str] = Counter()
    for first in range(0, count, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, count))
        tasks = [asyncio.create_task(a_request(number)) for number in numbers]
        for task in tasks:
            moment = random.uniform(0, undisturbed)
            loop.call_later(moment, task.cancel)
        for end in await asyncio.gather(*tasks, return_exceptions=True):
            ends[type(end).__name__ if isinstance(end, BaseException) else end[0]] += 1
    after = Counter([(await a_request(number))[0] for number in range(count, count + 50)])
    return {
        "ends": ends,
        "after": after,
        "in use": pool.checkedout(),
        "kept": pool.checkedin(),
    }


async def log_in(package: str, email: str) -> bytes:
    """Create a user, and return the header of a new session."""
    testing = import_module(f"{package}.core.auth.testing")
    async with httpx.AsyncClient() as client:
        await testing.login_as(client, await testing.make_user(email=email))
        return client.headers["Authorization"].encode()


async def main(count: int, package: str, bank: str) -> None:
    app = import_module(f"{package}.asgi").app
    database = import_module(f"{package}.core.db")
    async with app.router.lifespan_context(app):
        token = await log_in(package, bank)
        print(json.dumps(await cancel_many(app, count, bank, database, token)), flush=True)
        await asyncio.to_thread(sys.stdin.read)


asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
