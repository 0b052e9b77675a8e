"""Routes of a router that an app declares: they answer as those of a router that FastAPI includes."""

from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException, WebSocket
from fastapi.responses import PlainTextResponse

from my_service.core.web import Router, create_app
from my_service.core.web.problem import DOCUMENTED
from my_service.core.web.routing import PREFIX, UnitOfWorkRoute, include
from my_service.settings import settings

Include = Callable[[FastAPI, APIRouter], None]


def kettle() -> str:
    return "kettle"


def natively(app: FastAPI, router: APIRouter) -> None:
    app.include_router(router, prefix=PREFIX, responses=DOCUMENTED)


def declared() -> Router:
    """Return a router that uses what a router and its routes can be told."""
    router = Router(
        prefix="/tea",
        tags=["tea"],
        retry=2,
        dependencies=[Depends(kettle)],
        responses={418: {"description": "A teapot."}},
        max_body_size=100,
    )

    @router.post("", status_code=201, tags=["post"], responses={409: {"description": "Cold."}})
    async def make(cup: dict[str, str]) -> dict[str, str]:
        return cup

    @router.get("/{id}", deprecated=True, response_class=PlainTextResponse)
    async def drink(id: int, pot: Annotated[str, Depends(kettle)]) -> str:
        return f"{id} {pot}"

    @router.get("/{id}/sips", operation_id="sips")
    async def sips(id: int) -> AsyncGenerator[int]:
        for sip in range(id):
            yield sip

    return router


def application(include: Include, router: APIRouter) -> FastAPI:
    app = create_app(settings, title="Test")
    include(app, router)
    return app


def browse(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


REQUESTS = [
    ("POST", "/api/tea", {"a": "b"}),
    ("POST", "/api/tea", {"a": "b" * 100}),
    ("POST", "/api/tea", None),
    ("GET", "/api/tea/3", None),
    ("GET", "/api/tea/x", None),
    ("GET", "/api/tea/3/sips", None),
    ("GET", "/api/tea/3?size=1", None),
    ("DELETE", "/api/tea/3", None),
    ("PUT", "/api/tea", None),
    ("GET", "/api/teas/3", None),
    ("GET", "/tea/3", None),
]


def test_they_are_the_applications_own() -> None:
    app = application(include, declared())
    own = [route.path for route in app.routes if isinstance(route, UnitOfWorkRoute)]
    assert own[-3:] == ["/api/tea", "/api/tea/{id}", "/api/tea/{id}/sips"]


def test_their_documentation_is_the_same() -> None:
    documents = [application(how, declared()).openapi() for how in (include, natively)]
    assert documents[0] == documents[1]


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS)
async def test_their_answers_are_the_same(
    method: str, path: str, body: dict[str, str] | None
) -> None:
    answers: list[tuple[int, bytes, str | None]] = []
    for how in (include, natively):
        async with browse(application(how, declared())) as client:
            answer = await client.request(method, path, json=body, headers={"X-Request-ID": "one"})
        answers.append((answer.status_code, answer.content, answer.headers.get("allow")))
    assert answers[0] == answers[1]


async def test_their_dependencies_can_be_replaced() -> None:
    app = application(include, declared())
    app.dependency_overrides[kettle] = lambda: "samovar"
    async with browse(app) as client:
        assert (await client.get("/api/tea/1")).text == "1 samovar"


async def test_a_router_with_others_in_it_is_included_as_it_is() -> None:
    outer, inner = Router(prefix="/outer"), Router(prefix="/inner")

    @inner.get("/{id}")
    async def deep(id: int) -> int:
        return id

    @outer.websocket("/talk")
    async def talk(socket: WebSocket) -> None:
        await socket.accept()

    outer.include_router(inner)
    async with browse(application(include, outer)) as client:
        assert (await client.get("/api/outer/inner/5")).json() == 5


async def test_what_a_route_became_after_its_declaration_stays() -> None:
    def refuse() -> None:
        raise HTTPException(403)

    answers: list[int] = []
    documents: list[dict[str, object]] = []
    for how in (include, natively):
        router = declared()
        for route in router.routes:
            assert isinstance(route, UnitOfWorkRoute)
            route.dependencies.append(Depends(refuse))
            route.tags.append("closed")
        app = application(how, router)
        documents.append(app.openapi())
        async with browse(app) as client:
            answers.append((await client.get("/api/tea/1")).status_code)
    assert answers == [403, 403]
    assert documents[0] == documents[1]


async def test_a_router_keeps_its_frontend(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("tea")
    router = declared()
    router.frontend("/ui", directory=tmp_path)
    async with browse(application(include, router)) as client:
        assert (await client.get("/api/tea/ui/")).text == "tea"
        assert (await client.get("/api/tea/1")).text == "1 kettle"
