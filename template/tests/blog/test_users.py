"""/api/users"""

from typing import Any

import pytest
from factories import missing
from httpx import AsyncClient

ADA: dict[str, Any] = {"email": "ada@example.com", "username": "ada", "full_name": "Ada Lovelace"}


async def create(client: AsyncClient, **fields: Any) -> dict[str, Any]:
    response = await client.post("/api/users", json=ADA | fields)
    assert response.status_code == 201, response.text
    user: dict[str, Any] = response.json()
    return user


async def test_a_user_is_created_and_read(client: AsyncClient) -> None:
    user = await create(client)
    assert user.items() >= ADA.items()
    assert user["is_active"] is True
    assert user["created_at"].endswith("Z")
    response = await client.get(f"/api/users/{user['id']}")
    assert response.json() == user


@pytest.mark.commits
async def test_a_new_user_is_unchanged(client: AsyncClient) -> None:
    user = await create(client)
    assert user["updated_at"] == user["created_at"]


async def test_an_email_is_unique_in_any_case(client: AsyncClient) -> None:
    await create(client)
    response = await client.post("/api/users", json=ADA | {"email": "ADA@example.com"})
    assert response.status_code == 409
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_patch_changes_only_its_fields(client: AsyncClient) -> None:
    user = await create(client)
    response = await client.patch(f"/api/users/{user['id']}", json={"full_name": None})
    assert response.status_code == 200
    changed = response.json()
    assert changed["full_name"] is None
    assert changed["username"] == "ada"
    assert changed["updated_at"] > user["updated_at"]


async def test_a_required_field_cannot_be_null(client: AsyncClient) -> None:
    user = await create(client)
    response = await client.patch(f"/api/users/{user['id']}", json={"email": None})
    assert response.status_code == 422


async def test_a_deleted_user_is_not_found(client: AsyncClient) -> None:
    user = await create(client)
    assert (await client.delete(f"/api/users/{user['id']}")).status_code == 204
    assert (await client.get(f"/api/users/{user['id']}")).status_code == 404
    assert (await client.get("/api/users")).json()["total"] == 0


async def test_users_are_listed_in_pages(client: AsyncClient) -> None:
    for number in range(5):
        await create(client, email=f"{number}@example.com", username=f"user {number}")
    response = await client.get("/api/users", params={"page": 2, "per_page": 2})
    page = response.json()
    assert len(page.pop("items")) == 2
    assert page == {"total": 5, "page": 2, "per_page": 2, "pages": 3}


async def test_users_are_sorted(client: AsyncClient) -> None:
    for username in ("grace", "ada", "mary"):
        await create(client, email=f"{username}@example.com", username=username)
    for sort, names in {
        "username": ["ada", "grace", "mary"],
        "-username": ["mary", "grace", "ada"],
        "-created_at": ["mary", "ada", "grace"],
    }.items():
        page = (await client.get("/api/users", params={"sort": sort})).json()
        assert [user["username"] for user in page["items"]] == names
    assert (await client.get("/api/users", params={"sort": "email"})).status_code == 422


async def test_users_are_filtered_by_activity(client: AsyncClient) -> None:
    user = await create(client)
    await client.patch(f"/api/users/{user['id']}", json={"is_active": False})
    await create(client, email="grace@example.com", username="grace")
    inactive = (await client.get("/api/users", params={"is_active": False})).json()
    assert [item["username"] for item in inactive["items"]] == ["ada"]


async def test_a_users_posts_are_included_on_request(client: AsyncClient) -> None:
    user = await create(client)
    post = {"title": "Notes", "body": "On the engine", "author_id": user["id"]}
    await client.post("/api/posts", json=post)
    plain = (await client.get(f"/api/users/{user['id']}")).json()
    assert "posts" not in plain
    full = (await client.get(f"/api/users/{user['id']}", params={"include": "posts"})).json()
    assert [post["title"] for post in full["posts"]] == ["Notes"]


async def test_a_profile_replaces_the_previous_one(client: AsyncClient) -> None:
    user = await create(client)
    address = f"/api/users/{user['id']}"
    first = await client.put(
        f"{address}/profile", json={"bio": "Counts.", "website": "https://x.org"}
    )
    second = await client.put(f"{address}/profile", json={"bio": "Computes."})
    assert (first.status_code, second.status_code) == (200, 200)
    profile = second.json()
    assert (profile["user_id"], profile["bio"], profile["website"]) == (
        user["id"],
        "Computes.",
        None,
    )
    assert profile["created_at"] == first.json()["created_at"]
    assert (await client.get(address, params={"include": "profile"})).json() == user | {
        "profile": profile
    }


async def test_a_user_may_have_no_profile(client: AsyncClient) -> None:
    user = await create(client)
    full = await client.get(f"/api/users/{user['id']}", params={"include": "profile"})
    assert full.json() == user | {"profile": None}


async def test_a_profile_needs_an_existing_user(client: AsyncClient) -> None:
    user = await create(client)
    response = await client.put(f"/api/users/{missing(user['id'])}/profile", json={"bio": "Who?"})
    assert response.status_code == 404


async def test_a_website_must_be_a_url(client: AsyncClient) -> None:
    user = await create(client)
    for website in ("x.org", "ftp://x.org", "https://", "https://x.org/a b", "javascript:alert()"):
        profile = {"website": website}
        response = await client.put(f"/api/users/{user['id']}/profile", json=profile)
        assert response.status_code == 422
