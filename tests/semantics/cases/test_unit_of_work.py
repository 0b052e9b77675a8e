"""Units of work: committed before the answer begins, or not at all."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from sqlalchemy import String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.types import Message, Receive, Scope, Send

from my_service.core import db
from my_service.core.web import Router, Schema, SessionDep, create_app
from my_service.settings import settings

pytestmark = pytest.mark.commits


class Scratch(DeclarativeBase):
    """Tables of these tests alone."""


class Note(Scratch):
    __tablename__ = "scratch_note"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(String(100))


class NoteIn(Schema):
    id: int
    text: str


announced: list[int] = []
router = Router(prefix="/notes")


@router.post("", status_code=201)
async def add(note: NoteIn, session: SessionDep) -> None:
    session.add(Note(id=note.id, text=note.text))  # flushed by the commit


@router.post("/answer/{status}")
async def add_and_answer(status: int, session: SessionDep) -> JSONResponse:
    async def announce() -> None:
        announced.append(status)

    db.on_commit(session, announce)
    session.add(Note(id=1, text="answered"))
    await session.flush()
    return JSONResponse({}, status)


@router.post("/broken")
async def add_and_break(session: SessionDep) -> None:
    session.add(Note(id=1, text="broken"))
    await session.flush()
    raise ZeroDivisionError


@router.post("/slow")
async def add_and_wait(session: SessionDep) -> None:
    session.add(Note(id=1, text="slow"))
    await session.flush()
    await asyncio.Event().wait()


@pytest.fixture(autouse=True)
async def table(isolated: None) -> AsyncGenerator[None]:
    async with db.get_engine().begin() as connection:
        await connection.run_sync(Scratch.metadata.create_all)
    yield
    async with db.get_engine().begin() as connection:
        await connection.run_sync(Scratch.metadata.drop_all)


@pytest.fixture
def service() -> FastAPI:
    nested = Router()
    nested.include_router(router)
    app = create_app(settings.model_copy(update={"max_body_size": 1000}), title="Test")
    app.include_router(nested, prefix="/api")
    return app


@pytest.fixture
async def api(service: FastAPI) -> AsyncGenerator[httpx.AsyncClient]:
    async with browse(service) as client:
        yield client


def browse(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost/api")


async def stored() -> list[str]:
    async with db.transaction(read_only=True) as session:
        return list(await session.scalars(select(Note.text)))


async def test_a_success_is_committed_before_its_answer_begins(service: FastAPI) -> None:
    seen: list[str] = []

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def look_first(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.extend(await stored())
            await send(message)

        await service(scope, receive, look_first)

    async with browse(watched) as api:
        response = await api.post("/notes", json={"id": 1, "text": "kept"})
    assert response.status_code == 201
    assert seen == ["kept"]


async def test_a_failing_commit_is_no_success(api: httpx.AsyncClient) -> None:
    first = await api.post("/notes", json={"id": 1, "text": "first"})
    second = await api.post("/notes", json={"id": 1, "text": "second"})
    assert (first.status_code, second.status_code) == (201, 409)
    assert second.json()["type"] == "urn:problem:duplicate"
    assert await stored() == ["first"]


@pytest.mark.parametrize("status", [400, 404, 503])
async def test_an_answer_from_400_up_is_rolled_back(api: httpx.AsyncClient, status: int) -> None:
    response = await api.post(f"/notes/answer/{status}")
    assert response.status_code == status
    assert status not in announced
    assert await stored() == []


async def test_an_exception_is_rolled_back(api: httpx.AsyncClient) -> None:
    response = await api.post("/notes/broken")
    assert response.status_code == 500
    assert await stored() == []


async def test_a_cancelled_request_is_rolled_back(api: httpx.AsyncClient) -> None:
    async with asyncio.timeout(0.2):
        response = await api.post("/notes/slow")
    assert response.status_code == 503
    assert await stored() == []


async def test_nothing_is_done_for_a_body_that_is_too_large(api: httpx.AsyncClient) -> None:
    response = await api.post("/notes/answer/200", content=b" " * 2000)
    assert response.status_code == 413
    assert await stored() == []


async def test_text_that_only_looks_unstorable_is_stored(api: httpx.AsyncClient) -> None:
    text = "\\u0000 \U0001f600 한"
    response = await api.post("/notes", json={"id": 1, "text": text})
    assert response.status_code == 201
    assert await stored() == [text]
