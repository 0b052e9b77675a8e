"""`Router(idempotent=True)`: a repeated request gets the first answer, and happens once."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Generator
from contextlib import suppress
from datetime import timedelta
from typing import Annotated, Any
from uuid import uuid4

import httpx
import pytest
from fastapi import BackgroundTasks, Depends, Header, Request, Response
from sqlalchemy import func, insert, select, text, update
from starlette.responses import JSONResponse, StreamingResponse

from my_service.apps.lab.models import Counter
from my_service.apps.lab.repository import CounterRepository
from my_service.core.db import (
    Conflict,
    NotFound,
    make_engine,
    on_commit,
    prepare_insert,
    transaction,
    utc_now,
)
from my_service.core.db.session import everything_rolled_back
from my_service.core.idempotency.answers import StoredAnswer, clear
from my_service.core.idempotency.routes import digest
from my_service.core.web import Router, Schema, SessionDep, create_app
from my_service.settings import settings

from .cancelling import CancelledAt, Moment
from .support import database, with_settings

pytestmark = pytest.mark.commits

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


class CounterIn(Schema):
    name: str
    value: int = 0


async def caller(request: Request, user: Annotated[str | None, Header()] = None) -> None:
    request.state.user_id = user


add_counter = prepare_insert(Counter, CounterIn)
router = Router(prefix="/once", idempotent=True, retry=5, dependencies=[Depends(caller)])
seen: list[str] = []  # what the requests of a test did, in order
ends: list[Exception] = []  # with which the next runs of a request end


@pytest.fixture(autouse=True)
def forget() -> Generator[None]:
    seen.clear()
    ends.clear()
    yield
    assert ends == []


@pytest.fixture
async def api(isolated: None) -> AsyncGenerator[httpx.AsyncClient]:
    app = create_app(settings, title="Test")
    app.include_router(router, prefix="/api")
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost/api/once"
    ) as client:
        yield client


def run() -> None:
    seen.append("run")
    if ends:
        raise ends.pop(0)


async def rows() -> int:
    async with transaction(read_only=True) as session:
        return await CounterRepository(session).count()


async def keys() -> int:
    async with transaction(read_only=True) as session:
        return await session.scalar(select(func.count()).select_from(StoredAnswer)) or 0


async def send(api: httpx.AsyncClient, path: str = "/counters", **options: Any) -> httpx.Response:
    """Send a request: by default the one that is repeated."""
    headers = {"Idempotency-Key": KEY, **options.pop("headers", {})}
    options = {"json": {"name": f"row {await rows()}"}, **options}
    return await api.request(options.pop("method", "POST"), path, headers=headers, **options)


SAME: dict[str, Any] = {"json": {"name": "one", "value": 7}}


@router.post("/counters", status_code=201)
async def create(
    data: CounterIn, session: SessionDep, response: Response, tasks: BackgroundTasks
) -> CounterIn:
    async def hook() -> None:
        seen.append("hook")

    async def task() -> None:
        seen.append("task")

    on_commit(session, hook)
    tasks.add_task(task)
    session.add(Counter(name=data.name, value=data.value))
    response.headers["Location"] = f"/counters/{len(seen)}"
    run()
    return data


@router.post("/others")
@router.put("/counters")
async def create_prepared(data: CounterIn) -> CounterIn:
    made = await add_counter.one(**data.model_dump())
    run()
    return made


async def test_a_repeated_request_gets_the_first_answer_and_happens_once(
    api: httpx.AsyncClient,
) -> None:
    first = await send(api, **SAME)
    again = await send(api, **SAME)
    assert (first.status_code, first.json()) == (201, {"name": "one", "value": 7})
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers.pop("idempotency-replayed") == "true"
    for headers in (first.headers, again.headers):
        del headers["x-request-id"]
    assert again.headers == first.headers
    assert first.headers["location"] == "/counters/0"
    assert seen == ["run", "hook", "task"]
    assert (await rows(), await keys()) == (1, 1)


async def test_a_request_without_a_key_stores_none(api: httpx.AsyncClient) -> None:
    for number in range(2):
        answer = await api.post("/counters", json={"name": f"row {number}"})
        assert answer.status_code == 201
    assert (await rows(), await keys()) == (2, 0)


DIFFERENT: list[dict[str, Any]] = [
    {"headers": {"Idempotency-Key": "another"}},
    {"headers": {"Idempotency-Key": "k" * 255}},
    {"headers": {"User": "ada"}},
    {"method": "PUT"},
    {"path": "/others"},
]


@pytest.mark.parametrize("different", DIFFERENT)
async def test_a_key_belongs_to_a_user_a_method_and_a_path(
    api: httpx.AsyncClient, different: dict[str, Any]
) -> None:
    first, second = await send(api), await send(api, **different)
    assert (first.is_success, second.is_success) == (True, True)
    assert "idempotency-replayed" not in second.headers
    assert await rows() == 2


@pytest.mark.parametrize(
    "options", [{"json": {"name": "other"}}, {**SAME, "params": {"unknown": "1"}}]
)
async def test_a_key_is_refused_for_another_request(
    api: httpx.AsyncClient, options: dict[str, Any]
) -> None:
    await send(api, **SAME)
    answer = await send(api, **options)
    assert answer.status_code == 422
    assert await rows() == 1


async def test_another_body_with_the_same_key_is_named(api: httpx.AsyncClient) -> None:
    await send(api, **SAME)
    answer = await send(api, json={"name": "other"})
    assert answer.json() == {
        "type": "urn:problem:idempotency-key-reused",
        "title": "Idempotency key reused",
        "status": 422,
        "detail": "This idempotency key belongs to a request with another body or query. Use a new key.",
        "request_id": answer.headers["x-request-id"],
    }


@pytest.mark.parametrize("key", ["", "k" * 256, "k" * 10_000])
async def test_an_empty_and_a_long_key_are_refused(api: httpx.AsyncClient, key: str) -> None:
    answer = await send(api, headers={"Idempotency-Key": key})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"] == ["header", "Idempotency-Key"]
    assert (await rows(), await keys()) == (0, 0)


@pytest.mark.parametrize("error", [NotFound(), ZeroDivisionError()])
async def test_a_failed_request_may_be_repeated(api: httpx.AsyncClient, error: Exception) -> None:
    ends.append(error)
    assert (await send(api, **SAME)).status_code >= 400
    assert (await rows(), await keys()) == (0, 0)
    assert (await send(api, **SAME)).status_code == 201
    assert await rows() == 1


@router.post("/answer/{status}")
async def answer_with(status: int, session: SessionDep) -> JSONResponse:
    session.add(Counter(name="answered", value=status))
    seen.append("run")
    return JSONResponse({"number": len(seen)}, status)


@pytest.mark.parametrize("status", [200, 400, 503])
async def test_answers_below_400_are_stored(api: httpx.AsyncClient, status: int) -> None:
    answers = [(await send(api, f"/answer/{status}", **SAME)).json()["number"] for _ in range(2)]
    assert answers == ([1, 1] if status == 200 else [1, 2])
    assert await keys() == (1 if status == 200 else 0)


@router.delete("/counters/{name}", status_code=204)
def delete_counter(name: str) -> None:
    run()


async def test_an_answer_without_a_body_is_repeated(api: httpx.AsyncClient) -> None:
    answers = [await send(api, "/counters/a", method="DELETE") for _ in range(2)]
    assert [(it.status_code, it.content) for it in answers] == [(204, b"")] * 2
    assert ["content-length" in it.headers for it in answers] == [False, False]
    assert seen == ["run"]


async def test_a_conflict_claims_the_key_again(api: httpx.AsyncClient) -> None:
    ends.extend([Conflict(), Conflict()])
    assert (await send(api, **SAME)).status_code == 201
    assert (await send(api, **SAME)).headers["idempotency-replayed"] == "true"
    assert seen == ["run"] * 3 + ["hook", "task"]
    assert (await rows(), await keys()) == (1, 1)


@pytest.mark.parametrize("path", ["/counters", "/others", "/seen"])
async def test_concurrent_repeats_get_one_answer(api: httpx.AsyncClient, path: str) -> None:
    answers = await asyncio.gather(*(send(api, path, **SAME) for _ in range(8)))
    assert {it.status_code for it in answers} <= {200, 201}, [it.text for it in answers]
    assert len({it.content for it in answers}) == 1
    assert sum("idempotency-replayed" not in it.headers for it in answers) == 1
    assert (await rows(), await keys()) == (1, 1)


async def look_first(session: SessionDep) -> None:
    """See the database as it is before the key is claimed."""
    if database() == "postgresql":
        await session.execute(text("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"))
    await session.scalar(select(func.count()).select_from(Counter))
    await asyncio.sleep(0)


@router.post("/seen", dependencies=[Depends(look_first)])
async def create_after_a_look(data: CounterIn, session: SessionDep) -> CounterIn:
    return await create_prepared(data)


async def test_a_key_that_is_held_for_too_long_is_a_conflict(api: httpx.AsyncClient) -> None:
    key = digest(f"\nPOST\n/api/once/counters\n{KEY}".encode())
    row = {"key": key, "request": "", "token": uuid4(), "expires_at": utc_now()}
    other = make_engine(settings.database_url)
    try:
        async with other.connect() as connection:
            await connection.execute(insert(StoredAnswer), row)
            async with with_settings(db_statement_timeout=1):
                repeat = api.post("/counters", headers={"Idempotency-Key": KEY}, **SAME)
                answer = await asyncio.create_task(repeat)
            await connection.rollback()
    finally:
        await other.dispose()
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:problem:request-in-progress"
    assert int(answer.headers["retry-after"]) > 0
    assert (await send(api, **SAME)).status_code == 201
    assert seen == ["run", "hook", "task"]
    assert await rows() == 1


@router.post("/unstorable/{how}")
async def answer_unstorably(how: str, session: SessionDep) -> Response:
    session.add(Counter(name=how, value=1))
    if how == "stream":
        return StreamingResponse(iter(["a", "b"]))
    if how == "large":
        return Response(b"a" * 2_000_000)
    response = Response("a")
    response.set_cookie("session", "secret")
    return response


@pytest.mark.parametrize("how", ["stream", "large", "cookie"])
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": KEY}])
async def test_an_answer_that_cannot_be_stored_is_an_error(
    api: httpx.AsyncClient, how: str, headers: dict[str, str]
) -> None:
    assert (await api.post(f"/unstorable/{how}", headers=headers)).status_code == 500
    assert (await rows(), await keys()) == (0, 0)


@pytest.mark.parametrize("moment", ["begins", "ends"])
async def test_a_cancelled_request_happens_once_when_it_is_repeated(
    api: httpx.AsyncClient, moment: Moment
) -> None:
    """A request is cancelled at each time it waits."""
    number, waits = 0, 1
    while number < waits:
        key: dict[str, Any] = {
            "headers": {"Idempotency-Key": str(number)},
            "json": {"name": str(number)},
        }
        cancelled = CancelledAt(send(api, **key), number, moment=moment)
        with suppress(asyncio.CancelledError):
            await asyncio.create_task(within(cancelled))
        repeated = await send(api, **key)
        assert repeated.status_code == 201, repeated.text
        number, waits = number + 1, max(waits, cancelled.waits)
    assert number > 5
    assert await rows() == number


async def within(work: Awaitable[object]) -> None:
    await work


async def test_a_body_is_hashed_and_not_stored(api: httpx.AsyncClient) -> None:
    long = {"name": "n" * 50, "value": 1}
    await send(api, "/answer/200", content=b"x" * 1_000_000, json=None)
    answer = await send(api, "/answer/200", content=b"x" * 999_999 + b"y", json=None)
    assert answer.status_code == 422
    await send(api, json=long, headers={"Idempotency-Key": "secret-key"})
    async with transaction(read_only=True) as session:
        stored = (await session.scalars(select(StoredAnswer))).all()
    assert {len(it.key) for it in stored} == {64}
    assert {len(it.request) for it in stored} == {64}


async def test_expired_keys_are_deleted(api: httpx.AsyncClient) -> None:
    await send(api)
    await send(api, headers={"Idempotency-Key": "another"})
    async with transaction() as session:
        old = utc_now() - timedelta(seconds=1)
        one = select(func.min(StoredAnswer.key)).scalar_subquery()
        key = await session.scalar(select(one))
        await session.execute(
            update(StoredAnswer).where(StoredAnswer.key == key).values(expires_at=old)
        )
    assert await clear() == 1
    assert await keys() == 1
    assert await clear() == 0


async def test_keys_work_in_tests_that_are_rolled_back(api: httpx.AsyncClient) -> None:
    async with everything_rolled_back():
        answers = [await send(api, **SAME) for _ in range(2)]
        assert ["idempotency-replayed" in it.headers for it in answers] == [False, True]
        assert await rows() == 1
    assert (await rows(), await keys()) == (0, 0)


async def test_reads_ignore_the_key(api: httpx.AsyncClient) -> None:
    answers = [await send(api, "/counters", method="GET") for _ in range(2)]
    assert [it.json() for it in answers] == [0, 0]
    assert await keys() == 0


@router.get("/counters")
async def count_counters() -> int:
    return await rows()


async def test_the_document_describes_the_header_and_its_answers() -> None:
    app = create_app(settings, title="Test")
    app.include_router(router, prefix="/api")
    operations = app.openapi()["paths"]["/api/once/counters"]
    [header] = [it for it in operations["post"]["parameters"] if it["name"] == "Idempotency-Key"]
    assert (header["in"], header["required"]) == ("header", False)
    assert {"409", "422"} <= operations["post"]["responses"].keys()
    named = [it["name"] for it in operations["get"].get("parameters", [])]
    assert "Idempotency-Key" not in named
