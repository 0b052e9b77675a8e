"""Bodies that would be expensive to refuse, and text that nobody can see."""

import json

import httpx
import pytest
from fastapi import FastAPI
from pydantic import TypeAdapter, ValidationError

from my_service.core.web import Router, Schema, create_app, error_details
from my_service.core.web.errors import limit_field
from my_service.settings import settings

JSON = {"Content-Type": "application/json"}
router = Router(prefix="/names")


class Name(Schema):
    name: str
    numbers: list[int] | None = None
    meta: dict[str, str] | None = None


@router.post("")
async def echo(name: Name) -> Name:
    return name


@pytest.fixture(scope="module")
def app() -> FastAPI:
    app = create_app(settings, title="Test")
    app.include_router(router)
    return app


async def post(app: FastAPI, body: bytes) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.post("/names", content=body, headers=JSON)


def numbers(value: str, times: int) -> bytes:
    return f'{{"name": "x", "numbers": [{", ".join([value] * times)}]}}'.encode()


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
async def test_constants_that_json_does_not_have_end_the_parsing(
    app: FastAPI, constant: str, encoding: str
) -> None:
    answer = await post(app, numbers(constant, 1000).decode().encode(encoding))
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["type"], error["message"]) == (
        "json_invalid",
        f"JSON decode error: {constant} is not JSON",
    )


@pytest.mark.parametrize(("wrong", "listed"), [(3, 3), (100, 100), (101, 100), (1000, 100)])
async def test_at_most_100_errors_are_listed(app: FastAPI, wrong: int, listed: int) -> None:
    answer = await post(app, numbers('"x"', wrong))
    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert len(errors) == listed
    assert errors[-1]["loc"] == ["body", "numbers", listed - 1]


@pytest.mark.parametrize("body", [numbers('"x"', 1001), numbers("1e999", 1001)])
async def test_more_than_1000_errors_are_counted_but_not_described(
    app: FastAPI, body: bytes
) -> None:
    answer = await post(app, body)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error == {
        "loc": ["body"],
        "message": "1001 values are invalid",
        "type": "too_many_errors",
    }


def test_the_details_of_a_validation_of_ones_own_have_the_same_limit() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(list[int]).validate_python(["x"] * 1001)
    [error] = error_details(caught.value)
    assert error == {"type": "too_many_errors", "loc": (), "msg": "1001 values are invalid"}


@pytest.mark.parametrize(
    "name", ["\u200b", "\u200b \u2060", "\ufeff", "\u2800", "\u3164\U000e0020"]
)
@pytest.mark.parametrize("ascii_only", [True, False])
async def test_a_name_that_nobody_can_see_is_refused(
    app: FastAPI, name: str, ascii_only: bool
) -> None:
    answer = await post(app, json.dumps({"name": name}, ensure_ascii=ascii_only).encode())
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["message"] == "JSON decode error: 'name' has only invisible characters"


@pytest.mark.parametrize(
    "name", ["", " ", "\t\u2003", "x\u200b", "👩\u200d🚀", "می\u200cخواهم", "é", "\xad-"]
)
async def test_other_names_are_left_to_the_schema(app: FastAPI, name: str) -> None:
    answer = await post(app, json.dumps({"name": name}).encode())
    assert answer.json()["name"] == name


async def test_invisible_characters_are_data_anywhere_else(app: FastAPI) -> None:
    meta = {"separator": "\u200b"}
    answer = await post(app, json.dumps({"name": "x", "meta": meta}).encode())
    assert answer.json()["meta"] == meta


def test_two_applications_with_one_router_limit_a_body_once() -> None:
    adapter = TypeAdapter(list[int])
    limit_field(adapter)
    limited = adapter.validate_python
    limit_field(adapter)
    assert adapter.validate_python is limited
