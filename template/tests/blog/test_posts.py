"""/api/posts"""

from typing import Any

import pytest
from httpx import AsyncClient


@pytest.fixture
async def author(client: AsyncClient) -> Any:
    user = {"email": "ada@example.com", "username": "ada"}
    return (await client.post("/api/users", json=user)).json()["id"]


def other(key: Any) -> Any:
    """A key that no row has."""
    return key + 1000 if isinstance(key, int) else f"{key[:-1]}{15 - int(key[-1], 16):x}"


async def write(client: AsyncClient, author: Any, **fields: Any) -> dict[str, Any]:
    draft = {"title": "On numbers", "body": "They are many.", "author_id": author}
    response = await client.post("/api/posts", json=draft | fields)
    assert response.status_code == 201, response.text
    post: dict[str, Any] = response.json()
    return post


async def test_a_post_begins_as_a_draft(client: AsyncClient, author: Any) -> None:
    post = await write(client, author, meta={"tags": ["maths", "π"]})
    assert post["status"] == "draft"
    assert post["version"] == 1
    assert post["slug"].startswith("on-numbers-")
    assert (await client.get(f"/api/posts/{post['id']}")).json() == post


async def test_a_post_needs_an_author(client: AsyncClient, author: Any) -> None:
    orphan = {"title": "?", "body": "?", "author_id": other(author)}
    assert (await client.post("/api/posts", json=orphan)).status_code == 409


async def test_an_edit_of_an_old_version_is_refused(client: AsyncClient, author: Any) -> None:
    address = f"/api/posts/{(await write(client, author))['id']}"
    first = await client.patch(address, json={"title": "First", "version": 1})
    assert first.json()["version"] == 2
    second = await client.patch(address, json={"title": "Second", "version": 1})
    assert second.status_code == 409
    assert (await client.get(address)).json()["title"] == "First"


async def test_publishing_twice_is_publishing_once(client: AsyncClient, author: Any) -> None:
    post = await write(client, author)
    once = await client.post(f"/api/posts/{post['id']}/publish")
    twice = await client.post(f"/api/posts/{post['id']}/publish")
    assert once.json()["status"] == "published"
    assert twice.json() == once.json()


async def test_posts_are_found_by_words_and_status(client: AsyncClient, author: Any) -> None:
    await write(client, author, title="100% Ärger")
    other = await write(client, author, title="1000 things")
    await client.post(f"/api/posts/{other['id']}/publish")
    for params, titles in (
        ({"q": "0% är"}, ["100% Ärger"]),
        ({"q": "THINGS"}, ["1000 things"]),
        ({"status": "published"}, ["1000 things"]),
        ({"author_id": str(author)}, ["1000 things", "100% Ärger"]),
    ):
        page = (await client.get("/api/posts", params=params)).json()
        assert [post["title"] for post in page["items"]] == titles


async def test_the_feed_goes_on_where_it_was(client: AsyncClient, author: Any) -> None:
    for number in range(5):
        await write(client, author, title=str(number))
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        feed = (await client.get("/api/posts/feed", params=params)).json()
        seen += [post["title"] for post in feed["items"]]
        await write(client, author, title="written meanwhile")
        cursor = feed["next_cursor"]
        if cursor is None:
            break
    assert seen == ["4", "3", "2", "1", "0"]


async def test_a_made_up_cursor_is_refused(client: AsyncClient) -> None:
    for cursor in ("x", "W10", "bm90IGpzb24", "WzEsIDIsIDNd"):
        response = await client.get("/api/posts/feed", params={"cursor": cursor})
        assert response.status_code == 422


async def test_a_deleted_post_is_gone(client: AsyncClient, author: Any) -> None:
    address = f"/api/posts/{(await write(client, author))['id']}"
    assert (await client.delete(address)).status_code == 204
    assert (await client.delete(address)).status_code == 404
