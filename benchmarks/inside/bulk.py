"""Runs inside a rendered project: writes or exports rows, and prints the rates as JSON.

    bulk.py ways ROWS REPEATS
    bulk.py fill ROWS
    bulk.py export ROWS
"""

import asyncio
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path.cwd()))

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.accounts.models import User
from my_service.apps.accounts.repository import UserRepository
from my_service.apps.bank.models import Account
from my_service.apps.bank.repository import AccountRepository
from my_service.core.db import dispose_engine, get_engine, transaction, utc_now
from my_service.core.db.mixins import uuid7

Row = dict[str, Any]
Way = Callable[[AsyncSession, list[Row]], Awaitable[object]]

BALANCE = Decimal("1.00")
COLUMNS = ("id", "email", "username", "full_name", "is_active", "created_at", "updated_at")


def rows(number: int) -> Iterator[Row]:
    for at in range(number):
        yield {"email": f"user-{at}@example.com", "username": f"user-{at}", "full_name": "Ada"}


def complete(row: Row) -> Row:
    """Return a row with all columns, for methods that do not apply the model's defaults."""
    now = utc_now()
    return {**row, "id": uuid7(), "is_active": True, "created_at": now, "updated_at": now}


async def add_many(session: AsyncSession, given: list[Row]) -> None:
    await UserRepository(session).add_many(given)


async def executemany(session: AsyncSession, given: list[Row]) -> None:
    await session.execute(insert(User.__table__), [complete(row) for row in given])


async def account_executemany(session: AsyncSession, given: list[Row]) -> None:
    await session.execute(insert(Account.__table__), [account(row) for row in given])


async def upsert_many(session: AsyncSession, given: list[Row]) -> None:
    await AccountRepository(session).upsert_many([account(row) for row in given], by=["id"])


def account(row: Row) -> Row:
    """Return a row of a table with one unique key: MySQL refuses upserts where there are two."""
    now = utc_now()
    times = {"created_at": now, "updated_at": now}
    return {"id": uuid7(), "owner": row["username"], "balance": BALANCE, **times}


async def import_many(session: AsyncSession, given: list[Row]) -> None:
    await UserRepository(session).import_many(given)


async def advanced_alchemy(session: AsyncSession, given: list[Row]) -> None:
    from advanced_alchemy.repository import SQLAlchemyAsyncRepository

    class Users(SQLAlchemyAsyncRepository[User]):
        model_type = User

    await Users(session=session).add_many([User(**row) for row in given])


async def raw_copy(session: AsyncSession, given: list[Row]) -> None:
    await session.begin_nested()
    raw: Any = (await (await session.connection()).get_raw_connection()).driver_connection
    whole = (complete(row) for row in given)
    records = (tuple(row[name] for name in COLUMNS) for row in whole)
    await raw.copy_records_to_table("users", columns=COLUMNS, records=records)


WAYS: dict[str, tuple[Way, str]] = {  # and the method that each is compared with
    "Core, executemany": (executemany, ""),
    "add_many": (add_many, "Core, executemany"),
    "Advanced Alchemy, add_many": (advanced_alchemy, "add_many"),
    "Core, executemany of accounts": (account_executemany, ""),
    "upsert_many of accounts": (upsert_many, "Core, executemany of accounts"),
    "import_many": (import_many, "Core, executemany"),
}
ON_ASYNCPG: dict[str, tuple[Way, str]] = {
    "COPY by hand": (raw_copy, ""),
    "import_many": (import_many, "COPY by hand"),
}


async def rate(way: Way, number: int) -> float:
    given = list(rows(number))
    async with transaction() as session:
        await session.execute(delete(User))
        await session.execute(delete(Account))
    began = time.perf_counter()
    async with transaction() as session:
        await way(session, given)
    return number / (time.perf_counter() - began)


async def ways(number: int, repeats: int) -> list[tuple[str, float, str, float]]:
    """Run all methods in turn; return each name with its rate, the compared method and the ratio."""
    postgresql = get_engine().dialect.driver == "asyncpg"
    taken = WAYS | (ON_ASYNCPG if postgresql else {})
    rates: dict[str, list[float]] = {name: [] for name in taken}
    for _ in range(repeats):
        for name, (way, _peer) in taken.items():
            rates[name].append(await rate(way, number))
    return [
        (
            name,
            median(rates[name]),
            peer,
            median(a / b for a, b in zip(rates[name], rates[peer or name], strict=True)),
        )
        for name, (_way, peer) in taken.items()
    ]


async def fill(number: int) -> int:
    async with transaction() as session:
        await session.execute(delete(User))
        return await UserRepository(session).import_many(rows(number))


async def export(number: int) -> tuple[float, float]:
    """Write the rows to a file as NDJSON; return rows per second and the peak memory in MB."""
    began = time.perf_counter()
    written = 0
    with Path("users.ndjson").open("w") as file:
        async with (
            transaction(read_only=True) as session,
            aclosing(UserRepository(session).stream(order_by=[User.id])) as stream,
        ):
            async for user in stream:
                values = {name: getattr(user, name) for name in COLUMNS}
                file.write(json.dumps(values, default=str) + "\n")
                written += 1
    assert written == number
    seconds = time.perf_counter() - began
    return number / seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def main(what: str, *numbers: int) -> None:
    """Run the named part, and print its result."""
    measured = await {"ways": ways, "fill": fill, "export": export}[what](*numbers)
    await dispose_engine()
    print(json.dumps(measured))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:])))
