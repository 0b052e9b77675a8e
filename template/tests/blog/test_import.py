"""/api/posts/import"""

import json
from typing import Any

import pytest
from factories import make_categories, make_user, missing, titles
from httpx import AsyncClient, Response


@pytest.fixture
async def author(client: AsyncClient) -> Any:
    return await make_user(client)


def line(author: Any, title: str, **fields: Any) -> bytes:
    post = {"title": title, "body": "Long ago.", "author_id": author} | fields
    return json.dumps(post).encode()


async def upload(client: AsyncClient, *lines: bytes) -> Response:
    return await client.post(
        "/api/posts/import",
        content=b"\n".join(lines),
        headers={"Content-Type": "application/x-ndjson"},
    )


async def test_each_line_becomes_a_post(client: AsyncClient, author: Any) -> None:
    response = await upload(client, line(author, "One"), b"\r", line(author, "Two", meta={"n": 2}))
    assert (response.status_code, response.json()) == (201, {"imported": 2})
    page = (await client.get("/api/posts", params={"q": "two"})).json()
    post = page["items"][0]
    assert (post["meta"], post["status"], post["version"]) == ({"n": 2}, "draft", 1)
    assert post["updated_at"] == post["created_at"]
    assert (await client.get(f"/api/posts/{post['id']}")).json() == post


async def test_thousands_of_posts_may_share_a_title(client: AsyncClient, author: Any) -> None:
    response = await upload(client, *[line(author, "Again")] * 1500)
    assert response.json() == {"imported": 1500}
    assert (await client.get("/api/posts")).json()["total"] == 1500


async def test_imported_posts_are_in_their_categories(client: AsyncClient, author: Any) -> None:
    await make_categories(client, "maths", "poetry")
    await upload(
        client,
        line(author, "Both", category_slugs=["poetry", "maths"]),
        line(author, "One", category_slugs=["maths"]),
        line(author, "None"),
    )
    assert sorted(await titles(client, category="maths")) == ["Both", "One"]
    assert await titles(client, category="poetry") == ["Both"]


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"body": ""}, ["body"]),
        ({"status": "published"}, ["status"]),
        ({"category_slugs": ["nowhere"]}, ["category_slugs", 0]),
        ({"meta": {"a": float("nan")}}, ["meta", "a"]),
        ({"meta": {"a": ["\0"]}}, []),
    ],
)
async def test_an_invalid_line_is_named_and_nothing_imported(
    client: AsyncClient, author: Any, wrong: dict[str, Any], where: list[Any]
) -> None:
    response = await upload(client, line(author, "Good"), b"", line(author, "Bad", **wrong))
    assert response.status_code == 422
    (error,) = response.json()["errors"]
    assert error["loc"][: 2 + len(where)] == ["body", 3, *where]
    assert "line 3" in error["message"].lower()
    assert await titles(client) == []


async def test_lines_before_an_invalid_one_are_not_kept(client: AsyncClient, author: Any) -> None:
    lines = [*[line(author, "Good")] * 1500, line(author, "")]
    response = await upload(client, *lines)
    assert response.json()["errors"][0]["loc"][:2] == ["body", 1501]
    assert await titles(client) == []


@pytest.mark.parametrize("wrong", [b"{", b"[]", b'"', b"\xff", b"[" * 100_000, b'{"a":' * 9999])
async def test_a_line_that_is_not_a_json_object_is_named(
    client: AsyncClient, author: Any, wrong: bytes
) -> None:
    response = await upload(client, line(author, "Good"), wrong)
    assert response.status_code == 422
    assert response.json()["errors"][0]["loc"] == ["body", 2]


async def test_an_imported_post_needs_an_author(client: AsyncClient, author: Any) -> None:
    response = await upload(client, line(author, "Good"), line(missing(author), "Orphan"))
    assert response.status_code == 422
    assert response.json()["errors"][0]["loc"] == ["body", 2, "author_id"]


async def test_a_body_that_is_too_large_is_refused(client: AsyncClient, author: Any) -> None:
    response = await upload(client, *[line(author, "x" * 200)] * 6000)
    assert response.status_code == 413
    assert await titles(client) == []
