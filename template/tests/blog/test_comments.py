"""/api/posts/{id}/comments"""

from typing import Any

import pytest
from factories import key, log_in, make_comment, make_post, missing
from httpx import AsyncClient


@pytest.fixture(autouse=True)
async def author(client: AsyncClient) -> Any:
    """The user as whom the client is logged in."""
    return await log_in(client)


@pytest.fixture
async def post(client: AsyncClient, author: Any) -> Any:
    return (await make_post(client))["id"]


def shape(threads: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the bodies of comments, with the replies nested."""
    return {comment["body"]: shape(comment["replies"]) for comment in threads}


async def test_comments_are_a_tree_with_the_oldest_first(client: AsyncClient, post: Any) -> None:
    first = await make_comment(client, post, body="1")
    await make_comment(client, post, body="2")
    reply = await make_comment(client, post, body="1.1", parent_id=first)
    await make_comment(client, post, body="1.2", parent_id=first)
    await make_comment(client, post, body="1.1.1", parent_id=reply)
    threads = (await client.get(f"/api/posts/{post}/comments")).json()
    assert shape(threads) == {"1": {"1.1": {"1.1.1": {}}, "1.2": {}}, "2": {}}
    assert list(shape(threads)) == ["1", "2"]
    assert threads[0]["replies"][0].items() >= {"id": reply, "parent_id": first}.items()


async def test_a_post_shows_only_its_own_comments(client: AsyncClient, post: Any) -> None:
    other = (await make_post(client))["id"]
    await make_comment(client, other)
    assert (await client.get(f"/api/posts/{post}/comments")).json() == []


async def test_comments_need_an_existing_post(client: AsyncClient, post: Any) -> None:
    address = f"/api/posts/{missing(post)}/comments"
    comment = {"body": "?"}
    assert (await client.get(address)).status_code == 404
    assert (await client.post(address, json=comment)).status_code == 404


async def test_a_comments_author_is_whoever_is_logged_in(client: AsyncClient, post: Any) -> None:
    grace = await log_in(client, "Grace Hopper")
    await make_comment(client, post)
    [comment] = (await client.get(f"/api/posts/{post}/comments")).json()
    assert comment["author"] == {"id": key(grace), "full_name": "Grace Hopper"}
    del client.headers["Authorization"]
    response = await client.post(f"/api/posts/{post}/comments", json={"body": "?"})
    assert response.status_code == 401


async def test_a_reply_is_to_a_comment_on_the_same_post(client: AsyncClient, post: Any) -> None:
    other = (await make_post(client))["id"]
    elsewhere = await make_comment(client, other)
    for parent in (elsewhere, missing(elsewhere)):
        reply = {"body": "?", "parent_id": parent}
        response = await client.post(f"/api/posts/{post}/comments", json=reply)
        assert response.status_code == 409


async def test_the_depth_of_a_thread_is_limited(client: AsyncClient, post: Any) -> None:
    parent: Any = None
    for _ in range(20):
        parent = await make_comment(client, post, parent_id=parent)
    reply = {"body": "deeper", "parent_id": parent}
    response = await client.post(f"/api/posts/{post}/comments", json=reply)
    assert response.status_code == 422
    level, depth = (await client.get(f"/api/posts/{post}/comments")).json(), 0
    while level:
        level, depth = level[0]["replies"], depth + 1
    assert depth == 20
