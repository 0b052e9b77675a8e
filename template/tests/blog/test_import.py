"""/api/posts/import"""

import json
from typing import Any

import pytest
from factories import log_in, make_categories, titles
from httpx import AsyncClient, Response


@pytest.fixture(autouse=True)
async def author(client: AsyncClient) -> Any:
    """The user as whom the client is logged in."""
    return await log_in(client)


def line(title: str, **fields: Any) -> bytes:
    post = {"title": title, "body": "Long ago."} | fields
    return json.dumps(post).encode()


async def upload(client: AsyncClient, *lines: bytes) -> Response:
    return await client.post(
        "/api/posts/import",
        content=b"\n".join(lines),
        headers={"Content-Type": "application/x-ndjson"},
    )


async def test_each_line_becomes_a_post(client: AsyncClient) -> None:
    response = await upload(client, line("One"), b"\r", line("Two", meta={"n": 2}))
    assert (response.status_code, response.json()) == (201, {"imported": 2})
    page = (await client.get("/api/posts", params={"q": "two"})).json()
    post = page["items"][0]
    assert (post["meta"], post["status"], post["version"]) == ({"n": 2}, "draft", 1)
    assert post["updated_at"] == post["created_at"]
    assert (await client.get(f"/api/posts/{post['id']}")).json() == post


async def test_thousands_of_posts_may_share_a_title(client: AsyncClient) -> None:
    response = await upload(client, *[line("Again")] * 1500)
    assert response.json() == {"imported": 1500}
    assert (await client.get("/api/posts")).json()["total"] == 1500


async def test_imported_posts_are_in_their_categories(client: AsyncClient) -> None:
    await make_categories("maths", "poetry")
    await upload(
        client,
        line("Both", category_slugs=["poetry", "maths"]),
        line("One", category_slugs=["maths"]),
        line("None"),
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
    client: AsyncClient, wrong: dict[str, Any], where: list[Any]
) -> None:
    response = await upload(client, line("Good"), b"", line("Bad", **wrong))
    assert response.status_code == 422
    (error,) = response.json()["errors"]
    assert error["loc"][: 2 + len(where)] == ["body", 3, *where]
    assert "line 3" in error["message"].lower()
    assert await titles(client) == []


async def test_lines_before_an_invalid_one_are_not_kept(client: AsyncClient) -> None:
    lines = [*[line("Good")] * 1500, line("")]
    response = await upload(client, *lines)
    assert response.json()["errors"][0]["loc"][:2] == ["body", 1501]
    assert await titles(client) == []


@pytest.mark.parametrize("wrong", [b"{", b"[]", b'"', b"\xff", b"[" * 100_000, b'{"a":' * 9999])
async def test_a_line_that_is_not_a_json_object_is_named(client: AsyncClient, wrong: bytes) -> None:
    response = await upload(client, line("Good"), wrong)
    assert response.status_code == 422
    assert response.json()["errors"][0]["loc"] == ["body", 2]


async def test_imported_posts_are_of_whoever_is_logged_in(client: AsyncClient, author: Any) -> None:
    await upload(client, line("Mine"))
    assert await titles(client, author_id=str(author.id)) == ["Mine"]
    del client.headers["Authorization"]
    assert (await upload(client, line("Whose?"))).status_code == 401


async def test_a_body_that_is_too_large_is_refused(client: AsyncClient) -> None:
    response = await upload(client, *[line("x" * 200)] * 6000)
    assert response.status_code == 413
    assert await titles(client) == []
