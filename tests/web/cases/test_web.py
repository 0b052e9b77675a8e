"""The web layer: properties of every response, whatever the route."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, HTTPException, Query, Request
from structlog.testing import capture_logs

from my_service.core import db
from my_service.core.web import Router, Schema, SessionDep, create_app
from my_service.core.web.request_id import add_request
from my_service.settings import settings

PROBLEM = "application/problem+json"
JSON = {"Content-Type": "application/json"}


class Note(Schema):
    id: int
    text: str
    weight: float = 1.0
    meta: dict[str, Any] | None = None


router = Router(prefix="/notes")


@router.post("", status_code=201)
async def echo(note: Note) -> Note:
    return note


@router.post("/large", status_code=201, max_body_size=10_000_000)
async def measure(note: Note) -> int:
    return len(note.text)


@router.get("/broken")
async def divide_by_zero() -> None:
    raise ZeroDivisionError("the secret of the house")


@router.get("/errors/{name}")
async def raise_by_name(name: str) -> None:
    raise getattr(db, name)


@router.get("/found")
async def find(q: str = "", page: Annotated[int, Query(alias="p")] = 1) -> str:
    return f"{q}{page}"


@router.get("/callback")
async def call_back(request: Request) -> list[str]:
    return list(request.query_params)


@router.delete("/{id}")
async def forget(id: int) -> None:
    raise AssertionError(id)


@router.get("/teapot")
async def refuse_with_members() -> None:
    detail = {"type": "urn:problem:teapot", "title": "A teapot", "volume": "1 l"}
    raise HTTPException(418, detail, headers={"X-Tea": "green"})


plain = APIRouter()


@plain.get("/plain")
async def without_unit_of_work(session: SessionDep) -> None:
    raise AssertionError(session)


def make_app(**changes: Any) -> FastAPI:
    app = create_app(settings.model_copy(update=changes), title="Test")
    app.include_router(router)
    app.include_router(plain)
    return app


def browse(app: FastAPI, base_url: str = "http://localhost") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base_url)


@pytest.fixture
async def api() -> AsyncGenerator[httpx.AsyncClient]:
    async with browse(make_app(max_body_size=1000)) as client:
        yield client


async def blanks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b" "


# ---- Errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nowhere", None, 404),
        ("DELETE", "/notes", None, 405),
        ("POST", "/notes", b"{}", 422),
        ("POST", "/notes", b"{", 422),
        ("POST", "/notes", b"\xff", 400),
        ("POST", "/notes", b'{"id": 1, "text": "x", "other": 1}', 422),
        ("POST", "/notes", b"[]", 422),
        ("POST", "/notes", b" " * 2000, 413),
        ("GET", "/notes/teapot", None, 418),
        ("GET", "/notes/broken", None, 500),
    ],
)
async def test_every_error_is_a_problem(
    api: httpx.AsyncClient, method: str, path: str, body: bytes | None, status: int
) -> None:
    response = await api.request(method, path, content=body, headers=JSON)
    assert response.status_code == status
    assert response.headers["content-type"] == PROBLEM
    problem = response.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["request_id"] == response.headers["x-request-id"]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("NotFound", 404),
        ("Duplicate", 409),
        ("ForeignKeyViolated", 409),
        ("StaleData", 409),
        ("CheckViolated", 422),
        ("Required", 422),
        ("InvalidValue", 422),
        ("Conflict", 503),
        ("LockTimeout", 503),
        ("Unavailable", 503),
        ("DatabaseError", 500),
    ],
)
async def test_errors_of_the_database_have_a_status(
    api: httpx.AsyncClient, name: str, status: int
) -> None:
    response = await api.get(f"/notes/errors/{name}")
    assert response.status_code == status
    assert ("retry-after" in response.headers) == (status == 503)


async def test_a_validation_error_says_where_and_why_without_the_value(
    api: httpx.AsyncClient,
) -> None:
    response = await api.post("/notes", json={"id": "hunter2", "text": "x"})
    assert response.json()["errors"] == [
        {
            "loc": ["body", "id"],
            "message": "Input should be a valid integer, unable to parse string as an integer",
            "type": "int_parsing",
        }
    ]
    assert "hunter2" not in response.text


async def test_an_http_exception_keeps_its_headers_and_members(api: httpx.AsyncClient) -> None:
    response = await api.get("/notes/teapot")
    assert response.headers["x-tea"] == "green"
    assert response.json().items() >= {"title": "A teapot", "volume": "1 l", "status": 418}.items()


async def test_allow_names_every_method_of_a_path(api: httpx.AsyncClient) -> None:
    response = await api.delete("/health/live")
    assert response.headers["allow"] == "GET, HEAD"


async def test_a_fixed_path_is_not_taken_for_a_parameter(api: httpx.AsyncClient) -> None:
    response = await api.delete("/notes/teapot")
    assert (response.status_code, response.headers["allow"]) == (405, "GET")
    assert (await api.delete("/notes/other")).status_code == 422


@pytest.mark.parametrize("beside", [False, True])
async def test_a_router_and_the_app_may_share_a_prefix(beside: bool) -> None:
    things = Router(prefix="/things")
    things.get("/{id}")(find_thing)
    app = make_app()
    app.include_router(things)
    if beside:
        app.get("/things/{id}/parts")(find_thing)
    async with browse(app) as client:
        assert (await client.get("/things/1")).json() == 1
        assert (await client.get("/things/1/parts")).status_code == (200 if beside else 404)
        assert (await client.get("/things")).status_code == 404
        assert (await client.post("/things/1")).headers["allow"] == "GET"


async def find_thing(id: int) -> int:
    return id


@pytest.mark.parametrize(
    "body",
    [
        b'{"id": 1, "text": "a\\u0000b"}',
        b'{"id": 1, "text": "x", "meta": {"a": [{"b": "\\u0000"}]}}',
        b'{"id": 1, "text": "x", "meta": {"\\u0000": 1}}',
        b'{"id": 1, "text": "\\ud800"}',
        b'{"id": 1, "text": "\xed\xa0\x80"}',
        b'{"id": 1, "text": "x", "\\udfff": 1}',
        '{"id": 1, "text": "\\u0000"}'.encode("utf-16"),
        b'{"id": 1, "text": "x", "weight": NaN}',
        b'{"id": 1, "text": "x", "weight": 1e999}',
    ],
)
async def test_values_that_no_database_stores_are_refused(
    api: httpx.AsyncClient, body: bytes
) -> None:
    response = await api.post("/notes", content=body, headers=JSON)
    assert response.status_code == 422
    assert response.headers["content-type"] == PROBLEM


@pytest.mark.parametrize("name", ["nosuch", "page", "Q"])
async def test_an_unknown_query_parameter_is_refused(api: httpx.AsyncClient, name: str) -> None:
    response = await api.get("/notes/found", params={"q": "a", "p": "2", name: "1"})
    assert response.status_code == 422
    assert [error["loc"] for error in response.json()["errors"]] == [["query", name]]
    assert (await api.get("/notes/found", params={"q": "a", "p": "2"})).json() == "a2"


async def test_a_route_that_takes_the_request_reads_any_query_parameter(
    api: httpx.AsyncClient,
) -> None:
    response = await api.get("/notes/callback", params={"state": "a", "code": "b"})
    assert response.json() == ["state", "code"]


@pytest.mark.parametrize("path", ["/notes/teapot?q=%00", "/notes/errors/%00"])
async def test_nul_in_a_url_is_refused(api: httpx.AsyncClient, path: str) -> None:
    response = await api.get(path)
    assert response.status_code == 422


@pytest.mark.parametrize("value", ["9" * 400, "9" * 5000, "[" * 900, '{"a":' * 190])
async def test_extreme_json_is_a_client_error(value: str) -> None:
    body = '{"id": 1, "text": "x", "weight": ' + value + "}"
    async with browse(make_app()) as client:
        response = await client.post("/notes", content=body, headers=JSON)
    assert response.status_code in {400, 422}


async def test_an_unhandled_error_is_not_disclosed(api: httpx.AsyncClient) -> None:
    response = await api.get("/notes/broken")
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "x-content-type-options" in response.headers


async def test_a_session_outside_the_projects_router_is_refused(api: httpx.AsyncClient) -> None:
    assert (await api.get("/plain")).status_code == 500


# ---- Limits --------------------------------------------------------------------------------------


async def test_a_body_without_content_length_is_limited(api: httpx.AsyncClient) -> None:
    response = await api.post("/notes", content=blanks(2000), headers=JSON)
    assert response.status_code == 413
    assert response.headers["content-type"] == PROBLEM


async def test_a_route_may_set_its_own_limit(api: httpx.AsyncClient) -> None:
    response = await api.post("/notes/large", json={"id": 1, "text": "x" * 2000})
    assert (response.status_code, response.json()) == (201, 2000)


# ---- Headers -------------------------------------------------------------------------------------


async def test_a_valid_request_id_is_kept_and_others_are_replaced(api: httpx.AsyncClient) -> None:
    for given, kept in [("abc-1", True), ("a b", False), ("x" * 200, False), ("<>", False)]:
        response = await api.get("/health/live", headers={"X-Request-ID": given})
        assert (response.headers["x-request-id"] == given) == kept


async def test_every_response_has_security_headers(api: httpx.AsyncClient) -> None:
    for path in ("/health/live", "/nowhere", "/docs"):
        headers = (await api.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert ("script-src" in headers["content-security-policy"]) == (path == "/docs")
        assert "strict-transport-security" not in headers


async def test_https_responses_have_hsts() -> None:
    async with browse(make_app(), "https://localhost") as client:
        response = await client.get("/health/live")
    assert response.headers["strict-transport-security"]


async def test_unknown_hosts_are_refused_except_for_probes(api: httpx.AsyncClient) -> None:
    stranger = {"Host": "evil.example"}
    refused = await api.get("/openapi.json", headers=stranger)
    assert (refused.status_code, refused.headers["content-type"]) == (400, PROBLEM)
    assert (await api.get("/health/live", headers=stranger)).status_code == 200


async def test_there_is_no_cors_unless_configured(api: httpx.AsyncClient) -> None:
    origin = {"Origin": "https://shop.example"}
    closed = await api.get("/nowhere", headers=origin)
    assert "access-control-allow-origin" not in closed.headers
    async with browse(make_app(cors_origins=["https://shop.example"])) as client:
        for path in ("/nowhere", "/health/live", "/plain"):
            opened = await client.get(path, headers=origin)
            assert opened.headers["access-control-allow-origin"] == "https://shop.example"


# ---- Logs, documentation -------------------------------------------------------------------------


async def test_a_request_is_one_line_in_the_log(api: httpx.AsyncClient) -> None:
    with capture_logs([add_request]) as logs:
        await api.get("/health/live")
        response = await api.get("/nowhere?password=hunter2")
    (line,) = (line for line in logs if line["log_level"] == "info")
    assert line.pop("duration_ms") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "client": "127.0.0.1",
        "method": "GET",
        "path": "/nowhere",
        "status": 404,
        "request_id": response.headers["x-request-id"],
    }


async def test_the_openapi_document_describes_errors(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    assert "HTTPValidationError" not in json.dumps(document)
    assert {"Problem", "FieldError"} <= document["components"]["schemas"].keys()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            content = [
                set(answer["content"])
                for status, answer in operation["responses"].items()
                if status == "default" or int(status) >= 400
            ]
            assert content or path == "/health/live"
            assert all(types == {PROBLEM} for types in content)
