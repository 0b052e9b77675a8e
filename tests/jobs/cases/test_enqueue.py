"""A job exists if and only if its unit of work is committed, and fits its task."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import wraps
from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel, Secret, SecretBytes, SecretStr

from my_service.apps.errands import tasks
from my_service.core.db import retry_on_conflict, savepoint, transaction
from my_service.core.jobs import InvalidArguments, JobState, Task, run_jobs, task

from .support import effects, enqueue, jobs


@pytest.mark.commits
async def test_a_job_is_committed_with_its_unit(isolated: None) -> None:
    async with transaction() as session:
        job = await tasks.deed.enqueue(session, 1)
        assert await jobs() == []
    assert [found.id for found in await jobs()] == [job.id]


@pytest.mark.commits
async def test_a_job_is_rolled_back_with_its_unit(isolated: None) -> None:
    with suppress(tasks.Refused):
        async with transaction() as session:
            await tasks.deed.enqueue(session, 1)
            raise tasks.Refused
    assert await jobs() == []


@pytest.mark.commits
async def test_a_job_is_rolled_back_with_its_savepoint(isolated: None) -> None:
    async with transaction() as session:
        await tasks.deed.enqueue(session, 1)
        with suppress(tasks.Refused):
            async with savepoint(session):
                await tasks.deed.enqueue(session, 2)
                raise tasks.Refused
    assert [job.arguments for job in await jobs()] == [{"number": 1}]


@pytest.mark.commits
async def test_a_unit_cancelled_anywhere_has_a_job_only_if_it_committed(isolated: None) -> None:
    committed = 0
    for steps in range(60):
        unit = asyncio.create_task(enqueue(tasks.deed, steps))
        for _ in range(steps):
            await asyncio.sleep(0)
        unit.cancel()
        try:
            await unit
            committed += 1
        except asyncio.CancelledError:
            pass
    found = len(await jobs())
    assert committed <= found <= 60


async def test_arguments_keep_their_types(isolated: None) -> None:
    arguments = (uuid4(), Decimal("0.10"), datetime(2026, 2, 3, 4, 5, 6, 7, UTC), ["ä", "'"])
    await enqueue(tasks.typed, *arguments)
    await run_jobs()
    assert tasks.received == [arguments]


async def test_a_model_with_other_names_in_json_is_stored(isolated: None) -> None:
    parcel = tasks.Parcel.model_validate({"itemCount": 2, "labels": '["fragile"]'})
    await enqueue(tasks.pack, parcel)
    await run_jobs()
    assert tasks.received[-1] == (parcel,)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "errands.deed: missing a required argument: 'number'"),
        ((1, 2), "errands.deed: too many positional arguments"),
        (("one",), "errands.deed: number: Input should be a valid integer"),
        ((None,), "errands.deed: number: Input should be a valid integer"),
    ],
)
async def test_arguments_that_do_not_fit_are_refused(
    isolated: None, arguments: tuple[Any, ...], message: str
) -> None:
    deed: Task[..., Any] = tasks.deed
    async with transaction() as session:
        with pytest.raises(InvalidArguments) as refused:
            await deed.enqueue(session, *arguments)
    assert str(refused.value).startswith(message)
    assert await jobs() == []


async def test_too_large_arguments_are_refused(isolated: None) -> None:
    async with transaction() as session:
        await tasks.named.enqueue(session, "x" * 60_000)
        with pytest.raises(
            InvalidArguments, match="70,012 bytes of JSON are too large, at most 65,536"
        ):
            await tasks.named.enqueue(session, "x" * 70_000)
    assert len(await jobs()) == 1


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
async def test_numbers_without_a_form_in_json_are_refused(isolated: None, number: float) -> None:
    async with transaction() as session:
        with pytest.raises(InvalidArguments):
            await tasks.slow_deed.enqueue(session, 1, number)
    assert await jobs() == []


async def test_a_unique_job_is_enqueued_once(isolated: None) -> None:
    first = await enqueue(tasks.single, 1)
    again = await enqueue(tasks.single, 1)
    other = await enqueue(tasks.single, 2)
    assert (first.is_new, again.is_new, other.is_new) == (True, False, True)
    assert first.id == again.id != other.id
    assert await run_jobs() == 2
    assert (await enqueue(tasks.single, 1)).is_new


async def test_a_function_of_the_arguments_makes_a_job_unique(isolated: None) -> None:
    first = await enqueue(tasks.single_by_number, 1, "a")
    assert (await enqueue(tasks.single_by_number, 1, "b")).id == first.id
    await run_jobs()
    assert await effects("a") == [1]


@pytest.mark.commits
async def test_concurrent_units_enqueue_a_unique_job_once(isolated: None) -> None:
    units = [retry_on_conflict(lambda session: tasks.single.enqueue(session, 1)) for _ in range(8)]
    enqueued = await asyncio.gather(*units)
    assert sorted(job.is_new for job in enqueued) == [False] * 7 + [True]
    assert len(await jobs()) == 1


async def test_options_apply_to_one_call(isolated: None) -> None:
    later = datetime(2100, 1, 1, tzinfo=UTC)
    async with transaction() as session:
        await tasks.deed.using(run_after=later).enqueue(session, 1)
        await tasks.deed.using(run_after=timedelta(days=1), queue="mail").enqueue(session, 2)
        await tasks.deed.using(priority=7, queue=tasks.one_at_a_time).enqueue(session, 3)
        await tasks.deed.enqueue(session, 4)
    found = [(job.queue, job.rank, job.state) for job in await jobs()]
    assert found == [
        ("default", 0, JobState.SCHEDULED),
        ("mail", 0, JobState.SCHEDULED),
        ("narrow", -7, JobState.READY),
        ("default", 0, JobState.READY),
    ]
    assert await run_jobs() == 2
    assert await effects("deed") == [3, 4]


async def test_a_task_can_be_called(isolated: None) -> None:
    assert await tasks.answer(3) == {"answer": 3}


def test_a_parameter_without_a_type_is_refused() -> None:
    async def untyped(number: int) -> None: ...

    del untyped.__annotations__["number"]
    with pytest.raises(TypeError, match="the parameter number needs a type"):
        task(name="untyped")(untyped)


def test_a_function_that_is_not_async_is_refused() -> None:
    """It would run, fail because its answer cannot be awaited, and run again."""

    def send(number: int) -> None: ...

    plain: Any = send
    with pytest.raises(TypeError, match=r"^shop\.send is not async: write `async def send`$"):
        task(name="shop.send")(plain)


async def test_a_decorated_function_may_be_a_task(isolated: None) -> None:
    async def doubled(number: int) -> int:
        return 2 * number

    @wraps(doubled)
    def logged(number: int) -> Awaitable[int]:
        return doubled(number)

    assert await task(name="doubled")(logged)(4) == 8


def test_any_number_of_arguments_is_refused() -> None:
    with pytest.raises(TypeError, match="takes any arguments"):

        @task(name="variadic")
        async def variadic(*numbers: int) -> None: ...


def test_a_type_without_a_form_in_json_is_refused() -> None:
    with pytest.raises(TypeError, match="strange: Unable to generate pydantic-core schema"):

        @task(name="strange")
        async def strange(event: asyncio.Event) -> None: ...


class Login(BaseModel):
    name: str
    password: SecretStr


class ApiKey(SecretStr): ...


SECRETS = [SecretStr, SecretBytes, ApiKey, Secret[date], list[SecretStr], Login, Login | None]


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_refused(kind: Any) -> None:
    """It would be stored, and reach the task, as asterisks."""

    async def notify(given: Any) -> None: ...

    notify.__annotations__["given"] = kind
    with pytest.raises(TypeError) as refused:
        task(name="shop.notify")(notify)
    assert str(refused.value) == (
        "shop.notify: a parameter holds a Secret, such as SecretStr, which is stored as asterisks. "
        "Pass the key of a row that holds the secret."
    )


@pytest.mark.parametrize("kind", [set[str], list[frozenset[int]] | None])
def test_a_set_does_not_make_a_job_unique(kind: Any) -> None:
    """Its order in JSON is another in each process."""

    async def tag(given: Any) -> None: ...

    tag.__annotations__["given"] = kind
    with pytest.raises(TypeError) as refused:
        task(name="shop.tag", unique=True)(tag)
    assert str(refused.value) == (
        "shop.tag is unique by its arguments, but a parameter holds a set, whose order changes: "
        "pass a list, or give unique= a function"
    )


def test_two_tasks_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match=r"the task name 'errands\.deed' is taken"):

        @task(name="errands.deed")
        async def deed(number: int) -> None: ...


@pytest.mark.parametrize("schedule", ["every day", "0 0 30 2 *", "61 * * * *"])
def test_an_invalid_schedule_is_refused(schedule: str) -> None:
    with pytest.raises(ValueError, match="is not a cron expression"):

        @task(name="unscheduled", schedule=schedule)
        async def unscheduled() -> None: ...


def test_a_schedule_needs_a_task_without_arguments() -> None:
    with pytest.raises(TypeError, match="no defaults for its arguments: number"):

        @task(name="needy", schedule="@daily")
        async def needy(number: int) -> None: ...
