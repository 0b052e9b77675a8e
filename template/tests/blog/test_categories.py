"""/api/categories"""

from typing import Any

import pytest
from factories import log_in, make_categories
from httpx import AsyncClient


@pytest.fixture(autouse=True)
async def staff(client: AsyncClient) -> Any:
    """The member of staff as whom the client is logged in."""
    return await log_in(client, is_staff=True)


async def test_putting_a_category_twice_renames_it(client: AsyncClient) -> None:
    first = await client.put("/api/categories/maths", json={"name": "Maths"})
    second = await client.put("/api/categories/maths", json={"name": "Mathematics"})
    assert (first.status_code, second.status_code) == (200, 200)
    made, renamed = first.json(), second.json()
    assert (made["slug"], made["name"]) == ("maths", "Maths")
    assert made["updated_at"] == made["created_at"]
    assert renamed["name"] == "Mathematics"
    assert (renamed["id"], renamed["created_at"]) == (made["id"], made["created_at"])
    assert renamed["updated_at"] > made["updated_at"]


async def test_putting_one_category_leaves_the_others(client: AsyncClient) -> None:
    await make_categories("maths", "poetry")
    first = await client.put("/api/categories/maths", json={"name": "x"})
    second = await client.put("/api/categories/poetry", json={"name": "x"})
    assert first.json()["id"] != second.json()["id"]


@pytest.mark.parametrize("slug", ["Maths", "-", "a--b", "a_b", "x" * 121, "é"])
async def test_a_slug_is_words_in_lower_case(client: AsyncClient, slug: str) -> None:
    response = await client.put(f"/api/categories/{slug}", json={"name": "Maths"})
    assert response.status_code == 422


async def test_only_staff_write_categories(client: AsyncClient) -> None:
    await log_in(client)
    response = await client.put("/api/categories/maths", json={"name": "Maths"})
    assert response.status_code == 403
    del client.headers["Authorization"]
    response = await client.put("/api/categories/maths", json={"name": "Maths"})
    assert response.status_code == 401
