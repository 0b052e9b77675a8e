"""The tasks of the tests."""

import asyncio
import sys
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, Json

from ...core.db import transaction
from ...core.jobs import Queue, current_job, once, task
from .models import Effect

one_at_a_time = Queue("narrow", concurrency=1)
Queue("narrow too", concurrency=1)
running: list[str] = []  # what this process runs
log: list[str] = []  # what it has started
received: list[tuple[object, ...]] = []  # the arguments of `typed`
results: list[object] = []  # what `anything` returns
gate = asyncio.Event()  # `wait` waits for it


class Refused(Exception):
    """What a failing task raises."""


async def note(kind: str, number: int) -> None:
    async with transaction() as session:
        session.add(Effect(kind=kind, number=number))


@task()
async def deed(number: int) -> None:
    await note("deed", number)


@task()
async def slow_deed(number: int, seconds: float = 0.02) -> None:
    await asyncio.sleep(seconds)
    await note("deed", number)


@task(unique=True)
async def single(number: int) -> None:
    await note("single", number)


@task(unique=True, retries=0)
async def picky(weights: dict[str, float]) -> None:
    raise Refused("never")


def by_number(number: int, reason: str) -> str:
    return str(number)


@task(unique=by_number)
async def single_by_number(number: int, reason: str) -> None:
    await note(reason, number)


@task()
async def typed(key: UUID, amount: Decimal, moment: datetime, names: list[str]) -> None:
    received.append((key, amount, moment, names))


class Parcel(BaseModel):
    """Has other names in JSON, and a value that JSON holds as a text."""

    model_config = ConfigDict(extra="forbid", serialize_by_alias=True)

    items: int = Field(alias="itemCount", serialization_alias="count")
    labels: Json[list[str]]


@task()
async def pack(parcel: Parcel) -> None:
    received.append((parcel,))


@task(retries=(0, 0))
async def stubborn(text: str) -> None:
    log.append(text)
    raise Refused(f"nul \0, {text}")


@task(retries=3)
async def hesitant(number: int) -> None:
    if current_job().attempts < 3:
        raise Refused("not yet")
    await note("hesitant", number)


@task(retries=0, timeout=0.05)
async def endless() -> None:
    await asyncio.Event().wait()


@task(retries=0)
async def wait(name: str) -> None:
    log.append(name)
    await gate.wait()


@task(retries=1)
async def wait_again(name: str) -> None:
    await wait(name)


@task(retries=1)
async def unwilling(name: str) -> None:
    """Ends when the gate opens, even if it is cancelled."""
    log.append(name)
    try:
        await gate.wait()
    except asyncio.CancelledError:
        log.append("cancelled")
        await gate.wait()


@task(retries=(0,))
async def reluctant(name: str) -> None:
    """Fails when the gate opens, or when it is cancelled."""
    log.append(name)
    with suppress(asyncio.CancelledError):
        await gate.wait()
    raise Refused("never")


@task(retries=(0,))
async def wait_anew(name: str) -> None:
    await wait(name)


@task(queue=one_at_a_time)
async def narrow(number: int) -> None:
    running.append(f"narrow {number}")
    log.append(f"at once: {len(running)}")
    await note("narrow", number)
    running.remove(f"narrow {number}")


@task()
async def named(name: str) -> None:
    log.append(name)


@task()
async def invoice(number: int) -> None:
    async with transaction() as session:
        if await once(session, f"invoice:{number}"):
            session.add(Effect(kind="invoice", number=number))


@task()
async def parent(number: int) -> None:
    async with transaction() as session:
        await deed.enqueue(session, number)


@task()
async def answer(number: int) -> dict[str, int]:
    return {"answer": number}


@task()
async def anything() -> object:
    return results[0]


@task(retries=0)
async def leave() -> None:
    sys.exit("enough")


@task(schedule="* * 29 2 *")  # a day that only an injected clock shows: no other test meets it
async def every_minute() -> None:
    await note("minute", 0)


async def interrupted() -> None:
    raise KeyboardInterrupt


async def exiting() -> None:
    sys.exit(3)


@task(retries=(0,))
async def leave_by(way: str) -> None:
    """Try to end the worker, while `wait` runs."""
    match way:
        case "interrupt":
            await interrupted()
        case "task":
            await asyncio.create_task(exiting())
        case "forgotten task":
            forgotten = asyncio.create_task(exiting())
            await asyncio.sleep(0)
            del forgotten
            raise Refused("its task has exited")
        case "group":
            async with asyncio.TaskGroup() as group:
                group.create_task(interrupted())
        case "thread":
            await asyncio.to_thread(sys.exit, 3)
        case _:
            raise asyncio.CancelledError
