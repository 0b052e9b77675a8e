"""Test data, created through the API."""

from typing import Any

from httpx import AsyncClient


async def make_user(client: AsyncClient, username: str = "ada") -> Any:
    """Create a user and return the key."""
    user = {"email": f"{username}@example.com", "username": username}
    response = await client.post("/api/users", json=user)
    assert response.status_code == 201, response.text
    return response.json()["id"]


async def make_post(client: AsyncClient, author: Any, **fields: Any) -> dict[str, Any]:
    draft = {"title": "On numbers", "body": "They are many.", "author_id": author}
    response = await client.post("/api/posts", json=draft | fields)
    assert response.status_code == 201, response.text
    post: dict[str, Any] = response.json()
    return post


async def make_comment(client: AsyncClient, post: Any, author: Any, **fields: Any) -> Any:
    """Create a comment and return the key."""
    comment = {"body": "Indeed.", "author_id": author} | fields
    response = await client.post(f"/api/posts/{post}/comments", json=comment)
    assert response.status_code == 201, response.text
    return response.json()["id"]


async def make_categories(client: AsyncClient, *slugs: str) -> None:
    for slug in slugs:
        response = await client.put(f"/api/categories/{slug}", json={"name": slug.title()})
        assert response.status_code == 200, response.text


async def titles(client: AsyncClient, **filters: Any) -> list[str]:
    """Return the titles of a list of posts."""
    page = (await client.get("/api/posts", params=filters)).json()
    return [post["title"] for post in page["items"]]


def missing(key: Any) -> Any:
    """Return a key of the same type that no row has."""
    return key + 1000 if isinstance(key, int) else f"{key[:-1]}{15 - int(key[-1], 16):x}"
