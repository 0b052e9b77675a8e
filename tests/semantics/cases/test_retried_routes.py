"""`Router(retry=…)`: a request runs again after a conflict, and nothing of it happens twice."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import BackgroundTasks, Depends, Request, Response
from fastapi.sse import EventSourceResponse
from sqlalchemy import event
from starlette.responses import JSONResponse

from my_service.apps.lab.models import Counter
from my_service.apps.lab.repository import CounterRepository
from my_service.core.db import Conflict, OutcomeUnknown, on_commit, prepare_insert, transaction
from my_service.core.web import Router, Schema, SessionDep, create_app
from my_service.settings import settings

from .support import database

pytestmark = pytest.mark.commits

TIMES = 3


class CounterIn(Schema):
    name: str
    value: int = 0


add_counter = prepare_insert(Counter, CounterIn)
router = Router(retry=TIMES)
plain = Router(prefix="/plain")
seen: list[str] = []  # what the requests of a test did, in order
conflicts = 0  # how many more runs of a request end in a conflict


@pytest.fixture(autouse=True)
def forget() -> None:
    seen.clear()
    global conflicts
    conflicts = 0


@pytest.fixture
async def api(isolated: None) -> AsyncGenerator[httpx.AsyncClient]:
    app = create_app(settings, title="Test")
    for one in (router, plain):
        app.include_router(one, prefix="/api")
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost/api") as client:
        yield client


def meet(error: type[Exception] = Conflict) -> None:
    """Fail, as many times as the test says."""
    global conflicts
    if conflicts > 0:
        conflicts -= 1
        raise error


def meet_before(_: object) -> None:
    """Fail at the COMMIT."""
    meet()


async def resource() -> AsyncGenerator[int]:
    """Something that each run opens and ends."""
    seen.append("open")
    try:
        yield len(seen)
    except Conflict:
        seen.append("conflict")
        raise
    finally:
        seen.append("end")


async def early() -> AsyncGenerator[None]:
    seen.append("open early")
    yield
    seen.append("end early")


async def stored() -> dict[str, int]:
    async with transaction(read_only=True) as session:
        return {it.name: it.value for it in await CounterRepository(session).find()}


@router.post("/all", status_code=201)
async def do_all(data: CounterIn, session: SessionDep, tasks: BackgroundTasks) -> CounterIn:
    async def hook() -> None:
        seen.append("hook")

    async def task() -> None:
        seen.append("task")

    seen.append("run")
    on_commit(session, hook)
    tasks.add_task(task)
    await session.connection()  # the unit is open, so the prepared insert is part of it
    await add_counter.one(**data.model_dump())
    session.add(Counter(name=f"{data.name}, again", value=1))
    await session.flush()
    meet()
    return data


@plain.post("/all")
async def do_all_once(data: CounterIn, session: SessionDep) -> None:
    seen.append("run")
    meet()


@pytest.mark.parametrize("times", [0, 1, TIMES])
async def test_a_request_runs_again_and_nothing_happens_twice(
    api: httpx.AsyncClient, times: int
) -> None:
    global conflicts
    conflicts = times
    answer = await api.post("/all", json={"name": "a", "value": 7})
    assert (answer.status_code, answer.json()) == (201, {"name": "a", "value": 7})
    assert seen == ["run"] * (times + 1) + ["hook", "task"]
    assert await stored() == {"a": 7, "a, again": 1}


async def test_after_the_last_run_the_answer_is_503(api: httpx.AsyncClient) -> None:
    global conflicts
    conflicts = TIMES + 1
    answer = await api.post("/all", json={"name": "a"})
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:problem:conflict")
    assert int(answer.headers["retry-after"]) > 0
    assert seen == ["run"] * (TIMES + 1)
    assert await stored() == {}


async def test_without_the_option_a_request_runs_once(api: httpx.AsyncClient) -> None:
    global conflicts
    conflicts = 1
    answer = await api.post("/plain/all", json={"name": "a"})
    assert (answer.status_code, seen) == (503, ["run"])


@router.post("/other/{error}")
async def fail_otherwise(error: str, session: SessionDep) -> None:
    seen.append("run")
    raise OutcomeUnknown if error == "unknown" else ZeroDivisionError


@pytest.mark.parametrize(("error", "status"), [("unknown", 503), ("bug", 500)])
async def test_no_other_error_makes_it_run_again(
    api: httpx.AsyncClient, error: str, status: int
) -> None:
    assert (await api.post(f"/other/{error}")).status_code == status
    assert seen == ["run"]


@router.post("/apart/{way}")
async def commit_apart(way: str) -> None:
    seen.append("run")
    if way == "prepared":
        await add_counter.one(name=f"run {len(seen)}", value=1)
    elif way == "transaction":
        async with transaction() as session:
            session.add(Counter(name=f"run {len(seen)}", value=1))
    elif way == "task":
        await asyncio.create_task(commit_apart("transaction"))
    elif way == "read":
        await stored()
    meet()


@pytest.mark.parametrize("way", ["prepared", "transaction", "task"])
async def test_what_has_committed_on_its_own_does_not_run_again(
    api: httpx.AsyncClient, way: str
) -> None:
    global conflicts
    conflicts = 1
    assert (await api.post(f"/apart/{way}")).status_code == 503
    assert len(await stored()) == 1


async def test_what_has_only_read_runs_again(api: httpx.AsyncClient) -> None:
    global conflicts
    conflicts = 1
    assert (await api.post("/apart/read")).status_code == 200
    assert seen == ["run", "run"]


@router.post("/undone")
async def roll_back_apart() -> None:
    try:
        async with transaction() as session:
            seen.append("run")
            session.add(Counter(name="a", value=len(seen)))
            await session.flush()
            meet()
    except Conflict:
        seen.append("conflict")
        raise


async def test_a_transaction_that_was_rolled_back_runs_again(api: httpx.AsyncClient) -> None:
    global conflicts
    conflicts = 1
    assert (await api.post("/undone")).status_code == 200
    assert await stored() == {"a": 3}


@router.post("/resource", dependencies=[Depends(early, scope="function")])
async def use_resource(number: Annotated[int, Depends(resource)], session: SessionDep) -> int:
    seen.append(f"run with {number}")
    meet()
    return number


async def test_each_run_has_its_own_dependencies(api: httpx.AsyncClient) -> None:
    global conflicts
    conflicts = 1
    assert (await api.post("/resource")).json() == 7
    assert seen == [
        *("open early", "open", "run with 2", "conflict", "end"),
        *("open early", "open", "run with 7", "end early", "end"),
    ]


async def fail_to_commit(session: SessionDep) -> AsyncGenerator[None]:
    seen.append("open")
    session.add(Counter(name="a", value=len(seen)))
    event.listen(session.sync_session, "before_commit", meet_before)
    try:
        yield
    finally:
        seen.append("end")


async def send_events(_: Annotated[None, Depends(fail_to_commit)]) -> AsyncIterator[int]:
    yield len(seen)


for each in (router, plain):
    each.post("/events", response_class=EventSourceResponse)(send_events)


async def test_a_route_of_events_runs_again_after_its_commit(api: httpx.AsyncClient) -> None:
    """The task group in which FastAPI runs such a route puts the error into a group."""
    global conflicts
    conflicts = 1
    answer = await api.post("/events")
    assert (answer.status_code, answer.text) == (200, "data: 3\n\n")
    assert seen == ["open", "end", "open", "end"]
    assert await stored() == {"a": 3}


@pytest.mark.parametrize(("path", "runs"), [("/plain/events", 1), ("/events", TIMES + 1)])
async def test_events_whose_commit_fails_are_not_sent(
    api: httpx.AsyncClient, path: str, runs: int
) -> None:
    global conflicts
    conflicts = runs
    answer = await api.post(path)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:problem:conflict")
    assert seen == ["open", "end"] * runs
    assert await stored() == {}


@router.post("/body/{kind}")
async def read_body(kind: str, request: Request) -> Any:
    seen.append("run")
    read = b""
    if kind == "stream":
        read = b"".join([part async for part in request.stream()])
    elif kind == "whole":
        read = await request.body()
    meet()
    return read.decode()


@pytest.mark.parametrize("kind", ["whole", "unread"])
async def test_a_body_is_the_same_in_each_run(api: httpx.AsyncClient, kind: str) -> None:
    global conflicts
    conflicts = 2
    answer = await api.post(f"/body/{kind}", content=b"text")
    assert (answer.status_code, answer.json()) == (200, "text" if kind == "whole" else "")
    assert len(seen) == 3


async def test_a_body_that_was_not_kept_is_not_read_again(api: httpx.AsyncClient) -> None:
    global conflicts
    conflicts = 1
    assert (await api.post("/body/stream", content=b"text")).status_code == 503
    assert seen == ["run"]


@router.get("/rows")
async def list_rows(session: SessionDep, response: Response) -> list[str]:
    meet()
    response.headers["X-Rows"] = "2"
    return [it.name for it in await CounterRepository(session).find(order_by=[Counter.name])]


async def test_a_request_that_reads_runs_again_too(api: httpx.AsyncClient) -> None:
    global conflicts
    async with transaction() as session:
        session.add_all([Counter(name="a", value=1), Counter(name="b", value=1)])
    conflicts = 1
    answer = await api.get("/rows")
    assert (answer.json(), answer.headers["x-rows"]) == (["a", "b"], "2")


@router.post("/swallow")
async def answer_a_conflict(session: SessionDep) -> Response:
    seen.append("run")
    try:
        meet()
    except Conflict:
        return JSONResponse({"handled": True}, 409)
    return Response()


async def test_a_handler_may_answer_a_conflict_itself(api: httpx.AsyncClient) -> None:
    global conflicts
    conflicts = 1
    assert (await api.post("/swallow")).status_code == 409
    assert seen == ["run"]


@router.post("/deadlock/{first}/{second}")
async def lock_both(first: str, second: str, session: SessionDep) -> None:
    counters = CounterRepository(session)
    for name in (first, second):
        (await counters.lock(name))[0].value += 1
        await session.flush()
        seen.append(name)
        if len(seen) <= 2 and database() != "sqlite":  # which has one lock
            await both_wait.wait()


async def test_two_requests_in_a_deadlock_both_succeed(api: httpx.AsyncClient) -> None:
    global both_wait
    both_wait = asyncio.Barrier(2)
    async with transaction() as session:
        session.add_all([Counter(name="a", value=0), Counter(name="b", value=0)])
    answers = await asyncio.gather(api.post("/deadlock/a/b"), api.post("/deadlock/b/a"))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert await stored() == {"a": 2, "b": 2}
    assert len(seen) == (4 if database() == "sqlite" else 5)


def test_a_negative_number_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Router\(retry=-1\): must not be negative"):
        Router(retry=-1)


both_wait = asyncio.Barrier(2)
