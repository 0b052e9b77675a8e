"""What an owner passes to `create_app`, the settings of CORS, and messages about fields."""

import gc
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from pydantic import StringConstraints, ValidationError
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.testing import capture_logs

from my_service.core.db import transaction
from my_service.core.settings import CoreSettings
from my_service.core.web import Schema, create_app
from my_service.core.web.middleware.request_log import RequestLog
from my_service.settings import settings

PROBLEM = "application/problem+json"
ORIGIN = {"Origin": "https://shop.example"}

router = APIRouter()


class OutOfTea(Exception):
    pass


class Cup(Schema):
    name: Annotated[str, StringConstraints(pattern=r"\S")] = "cup"
    slug: Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*$")] = "cup"


@router.get("/tea")
async def drink(kind: str = "black") -> dict[str, str]:
    if kind == "green":
        raise OutOfTea
    if kind == "none":
        raise KeyError(kind)
    return {"kind": kind}


@router.post("/cups")
async def make(cup: Cup) -> Cup:
    return cup


@router.get("/state")
async def state(request: Request) -> dict[str, Any]:
    return {"kettle": request.state.kettle}


class Stamp:
    """A middleware that notes what it sees, and fails if it is asked to."""

    def __init__(self, app: ASGIApp, name: str, seen: list[str]) -> None:
        self.app, self.name, self.seen = app, name, seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self.seen.append(f"{self.name} {scope['state']['request_id']}")
        if scope["path"] == "/broken":
            raise LookupError(self.name)

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.seen.append(f"{self.name} {message['status']}")
            await send(message)

        await self.app(scope, receive, note)


def make_app(changes: Mapping[str, Any] | None = None, **options: Any) -> FastAPI:
    app = create_app(settings.model_copy(update={**(changes or {})}), title="Test", **options)
    app.include_router(router)
    return app


def browse(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


async def test_own_middleware_runs_inside_the_service_s_in_its_order() -> None:
    seen: list[str] = []
    own = [Middleware(Stamp, name="outer", seen=seen), Middleware(Stamp, name="inner", seen=seen)]
    async with browse(make_app(middleware=own)) as client:
        answer = await client.get("/tea")
    name = answer.headers["x-request-id"]
    assert seen == [f"outer {name}", f"inner {name}", "inner 200", "outer 200"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_an_exception_in_own_middleware_is_a_problem() -> None:
    own = [Middleware(Stamp, name="outer", seen=[]), Middleware(Stamp, name="inner", seen=[])]
    app = make_app({"cors_origins": ["https://shop.example"]}, middleware=own)
    async with browse(app) as client:
        with capture_logs() as logs:
            answer = await client.get("/broken", headers=ORIGIN)
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert [line["status"] for line in logs if line["event"] == "request"] == [500]


async def test_own_middleware_sees_the_answer_to_an_unhandled_exception() -> None:
    seen: list[str] = []
    own = [Middleware(Stamp, name="own", seen=seen)]
    async with browse(make_app(middleware=own)) as client:
        answer = await client.get("/tea?kind=none")
    assert (answer.status_code, seen[1:]) == (500, ["own 500"])


async def no_tea(_: Request, error: OutOfTea) -> Response:
    return JSONResponse({"title": type(error).__name__}, 410)


async def sorry(request: Request, error: Exception) -> Response:
    return PlainTextResponse(f"{type(error).__name__} at {request.url.path}", 500)


async def not_here(_: Request, error: Exception) -> Response:
    return JSONResponse({"title": f"Nothing here: {type(error).__name__}"}, 404)


async def test_own_handlers_answer_their_exceptions_and_statuses() -> None:
    handlers = {OutOfTea: no_tea, 404: not_here}
    async with browse(make_app(exception_handlers=handlers)) as client:
        tea, nowhere = await client.get("/tea?kind=green"), await client.get("/nowhere")
    assert (tea.status_code, tea.json()) == (410, {"title": "OutOfTea"})
    assert nowhere.json() == {"title": "Nothing here: HTTPException"}


@pytest.mark.parametrize("key", [Exception, 500])
async def test_an_own_handler_answers_unhandled_exceptions(key: type[Exception] | int) -> None:
    async with browse(make_app(exception_handlers={key: sorry})) as client:
        with capture_logs() as logs:
            answer = await client.get("/tea?kind=none")
    assert answer.status_code == 500
    assert (answer.headers["content-type"], answer.json()["detail"]) == (
        PROBLEM,
        "KeyError at /tea",
    )
    assert [line["status"] for line in logs if line["event"] == "request"] == [500]


async def test_an_own_lifespan_runs_inside_the_service_s() -> None:
    events: list[str] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[dict[str, str]]:
        async with transaction():
            events.append("begun")
        yield {"kettle": "hot"}
        async with transaction():  # the engine is not disposed of yet
            events.append("ended")

    app = make_app(lifespan=lifespan)
    sent = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    answers: list[str] = []

    async def receive() -> Message:
        return next(sent)

    async def send(message: Message) -> None:
        answers.append(message["type"])
        events.append(message["type"])

    scope: dict[str, Any] = {"type": "lifespan", "state": {}}
    await app(scope, receive, send)
    assert events == [
        "begun",
        "lifespan.startup.complete",
        "ended",
        "lifespan.shutdown.complete",
    ]
    assert scope["state"] == {"kettle": "hot"}


async def test_cors_follows_the_settings() -> None:
    changes = {
        "cors_origins": ["https://shop.example"],
        "cors_headers": ["X-Tenant"],
        "cors_exposed_headers": ["X-Total"],
        "cors_credentials": True,
    }
    asking = {
        **ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "X-Tenant, Idempotency-Key",
    }
    async with browse(make_app(changes)) as client:
        preflight = await client.options("/tea", headers=asking)
        answer = await client.get("/tea", headers=ORIGIN)
    assert preflight.status_code == 200, preflight.text
    assert "X-Tenant" in preflight.headers["access-control-allow-headers"]
    assert answer.headers["access-control-allow-credentials"] == "true"
    exposed = answer.headers["access-control-expose-headers"].split(", ")
    assert {"X-Total", "X-Request-ID"} <= set(exposed)


def test_credentials_need_named_origins() -> None:
    with pytest.raises(ValidationError, match=r"needs CORS_ORIGINS without \*"):
        CoreSettings(cors_origins=["*"], cors_credentials=True)


def test_lists_of_headers_are_comma_separated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_HEADERS", "X-Tenant, X-Trace")
    monkeypatch.setenv("CORS_EXPOSED_HEADERS", "X-Total")
    read = CoreSettings.load()
    assert (read.cors_headers, read.cors_exposed_headers) == (["X-Tenant", "X-Trace"], ["X-Total"])


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"name": "  "}, "The text is blank"),
        ({"slug": "No Slug"}, "The text does not have the required form"),
    ],
)
async def test_no_message_shows_a_regular_expression(body: dict[str, str], message: str) -> None:
    async with browse(make_app()) as client:
        answer = await client.post("/cups", json=body)
    assert [error["message"] for error in answer.json()["errors"]] == [message]


async def test_the_log_of_a_request_leaves_no_cycles_to_the_garbage_collector() -> None:
    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        pass

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body"})

    requests = 50
    app = RequestLog(answer)
    gc.collect()
    gc.disable()
    try:
        for _ in range(requests):
            scope: Scope = {"type": "http", "method": "GET", "path": "/", "scheme": "http"}
            scope["headers"] = list[tuple[bytes, bytes]]()
            await app(scope, receive, send)
        assert gc.collect() < requests
    finally:
        gc.enable()
