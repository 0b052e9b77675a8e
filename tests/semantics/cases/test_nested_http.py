"""Related rows over HTTP: the bytes of instances, and their schema in OpenAPI."""

from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Response
from httpx import ASGITransport, AsyncClient
from pydantic import AfterValidator, JsonValue, TypeAdapter
from sqlalchemy import bindparam, select

from my_service.apps.lab.models import Author, Book, Publisher, Tag
from my_service.core.db import Key, Listing, Page, Scroll, prepare, prepare_insert, transaction
from my_service.core.web import (
    Limit,
    PageOf,
    Router,
    Schema,
    ScrollOf,
    create_app,
    page_answer,
    scroll_answer,
)
from my_service.core.web.rows import serializer_of
from my_service.core.web.slices import Offset, Slice, SliceOf, slice_answer
from my_service.settings import settings


class AuthorRead(Schema):
    id: Key
    name: str


class TagRead(Schema):
    name: str
    meta: dict[str, JsonValue]


class PublisherRead(Schema):
    meta: dict[str, JsonValue]
    name: str


class BookRead(Schema):
    tags: list[TagRead]
    publisher: PublisherRead | None
    author: AuthorRead
    title: str


class WithBooks(Schema):
    """JSON fields at two depths, whose definitions are written once."""

    books: list[BookRead]
    meta: dict[str, JsonValue]
    name: str


pytestmark = pytest.mark.commits

router = Router(prefix="/nested")
by_name = Publisher.name == bindparam("name")
publishers = Listing(select(Publisher), WithBooks, order_by=[Publisher.name, Publisher.id])
publisher = prepare(select(Publisher).where(by_name), WithBooks)
add_book = prepare_insert(Book, BookRead)


class Keys(Schema):
    id: Key


a_key = prepare(select(Publisher).where(by_name), Keys)
an_author = prepare(select(Author).limit(1), Keys)


@router.get("", response_model=PageOf[WithBooks])
async def list_publishers() -> Response | Page[WithBooks]:
    return await page_answer(publishers, page=1, per_page=20)


@router.get("/scroll", response_model=ScrollOf[WithBooks])
async def scroll_publishers(limit: Limit = 20) -> Response | Scroll[WithBooks]:
    return await scroll_answer(publishers, limit=limit)


@router.get("/slice", response_model=SliceOf[WithBooks])
async def slice_publishers(limit: Limit = 20, offset: Offset = 0) -> Response | Slice[WithBooks]:
    return await slice_answer(publishers, limit=limit, offset=offset)


@router.post("/{name}")
async def publish(name: str, title: str) -> BookRead:
    key, author = (await a_key.one(name=name)).id, (await an_author.one()).id
    return await add_book.one(title=title, publisher_id=key, author_id=author)


@router.get("/{name}")
async def read_publisher(name: str) -> WithBooks:
    return await publisher.one(name=name)


@pytest.fixture
async def app(isolated: None) -> FastAPI:
    async with transaction() as session:
        ada, tag = Author(name="Ada"), Tag(name="t", meta={"x": [None, {"y": 1.5}]})
        for number, meta in enumerate(({"a": [1, {"b": None}]}, {}, {"c": "d"})):
            books = [Book(title=f"{number}.{n}", author=ada, tags=[tag]) for n in range(number)]
            session.add(Publisher(name=f"p{number}", meta=meta, books=books))
    app = create_app(settings, title="Test")
    app.include_router(router)
    return app


async def test_lists_and_single_rows_nest_the_same(app: FastAPI) -> None:
    async with AsyncClient(transport=ASGITransport(app), base_url="http://localhost") as client:
        items = (await client.get("/nested")).json()["items"]
        assert [len(item["books"]) for item in items] == [0, 1, 2]
        assert [item["meta"] for item in items] == [{"a": [1, {"b": None}]}, {}, {"c": "d"}]
        book = items[1]["books"][0]
        assert book["tags"] == [{"name": "t", "meta": {"x": [None, {"y": 1.5}]}}]
        assert book["publisher"] == {"meta": {}, "name": "p1"}
        assert (await client.get("/nested/scroll?limit=2")).json()["items"] == items[:2]
        part = (await client.get("/nested/slice?limit=1&offset=1")).json()
        assert part == {"items": items[1:2], "total": 3, "limit": 1, "offset": 1}
        assert (await client.get("/nested/slice?offset=-1")).status_code == 422
        for number, item in enumerate(items):
            assert (await client.get(f"/nested/p{number}")).json() == item
        added = (await client.post("/nested/p0?title=new")).json()
        assert added["publisher"] == {"meta": {"a": [1, {"b": None}]}, "name": "p0"}
        assert (await client.get("/nested/p0")).json()["books"] == [added]


async def test_the_bytes_are_those_of_instances(app: FastAPI) -> None:
    answer = await page_answer(publishers, page=1, per_page=20)
    assert isinstance(answer, Response)
    adapter = TypeAdapter(PageOf[WithBooks])
    whole = await publishers.page(page=1, per_page=20)
    instances = adapter.validate_python(whole, from_attributes=True)
    assert bytes(answer.body) == adapter.dump_json(instances)


async def test_openapi_names_the_nested_schemas(app: FastAPI) -> None:
    schemas = app.openapi()["components"]["schemas"]
    books = schemas["WithBooks"]["properties"]["books"]
    assert books["items"] == {"$ref": "#/components/schemas/BookRead"}
    author = schemas["BookRead"]["properties"]["author"]
    assert author == {"$ref": "#/components/schemas/AuthorRead"}


class Shouted(Schema):
    name: Annotated[str, AfterValidator(str.upper)]


class ShoutedBook(Schema):
    id: Key
    author: Shouted


class CheckedBook(Schema):
    id: Key
    author: Annotated[AuthorRead, AfterValidator(lambda author: author)]


class Defaulted(Schema):
    name: str
    note: str = "none"


class DefaultedBook(Schema):
    id: Key
    author: Defaulted


@pytest.mark.parametrize("into", [ShoutedBook, CheckedBook, DefaultedBook])
def test_schemas_that_do_more_go_the_ordinary_way(into: Any) -> None:
    listing = Listing(select(Book), into, order_by=[Book.id])
    assert serializer_of(PageOf, into, listing.nesting.fields) is None
    assert serializer_of(PageOf, WithBooks, publishers.nesting.fields) is not None
