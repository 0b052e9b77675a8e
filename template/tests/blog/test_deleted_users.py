"""A deleted user is not found and cannot write. The user's posts and comments stay."""

import json
from typing import Any

import pytest
from factories import make_comment, make_post, make_user, titles
from httpx import AsyncClient


@pytest.fixture
async def post(client: AsyncClient) -> dict[str, Any]:
    """A post with a comment, both by a deleted user."""
    author = await make_user(client)
    post = await make_post(client, author, title="Last words")
    await make_comment(client, post["id"], author)
    assert (await client.delete(f"/api/users/{author}")).status_code == 204
    return post


async def test_the_user_is_not_found(client: AsyncClient, post: dict[str, Any]) -> None:
    address = f"/api/users/{post['author_id']}"
    answers = [
        await client.get(address),
        await client.get(address, params={"include": "posts"}),
        await client.get(address, params={"include": "profile"}),
        await client.patch(address, json={"full_name": "Ada"}),
        await client.put(f"{address}/profile", json={}),
        await client.delete(address),
    ]
    assert [answer.status_code for answer in answers] == [404] * 6


async def test_the_email_and_the_username_stay_taken(
    client: AsyncClient, post: dict[str, Any]
) -> None:
    user = {"email": "ada@example.com", "username": "ada"}
    assert (await client.post("/api/users", json=user)).status_code == 409


async def test_posts_and_comments_stay(client: AsyncClient, post: dict[str, Any]) -> None:
    address = f"/api/posts/{post['id']}"
    assert (await client.get(address)).json() == post
    assert await titles(client, author_id=post["author_id"]) == ["Last words"]
    assert (await client.get("/api/posts/feed")).json()["items"] == [post]
    assert len((await client.get(f"{address}/comments")).json()) == 1
    assert (await client.patch(address, json={"title": "Kept"})).status_code == 200


async def test_others_may_comment_on_it(client: AsyncClient, post: dict[str, Any]) -> None:
    await make_comment(client, post["id"], await make_user(client, "grace"))


async def test_the_user_cannot_write(client: AsyncClient, post: dict[str, Any]) -> None:
    comment = {"body": "More", "author_id": post["author_id"]}
    draft = comment | {"title": "More"}
    answers = [
        await client.post("/api/posts", json=draft),
        await client.post(f"/api/posts/{post['id']}/comments", json=comment),
        await client.post(
            "/api/posts/import",
            content=json.dumps(draft),
            headers={"Content-Type": "application/x-ndjson"},
        ),
    ]
    assert [answer.status_code for answer in answers] == [409, 409, 422]


async def test_the_user_is_in_no_report(client: AsyncClient, post: dict[str, Any]) -> None:
    for report in ("posts-per-author", "latest-per-author"):
        assert (await client.get(f"/api/reports/{report}")).json() == []
