"""/api/categories"""

import pytest
from factories import make_categories
from httpx import AsyncClient


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
    await make_categories(client, "maths", "poetry")
    first = await client.put("/api/categories/maths", json={"name": "x"})
    second = await client.put("/api/categories/poetry", json={"name": "x"})
    assert first.json()["id"] != second.json()["id"]


@pytest.mark.parametrize("slug", ["Maths", "-", "a--b", "a_b", "x" * 121, "é"])
async def test_a_slug_is_words_in_lower_case(client: AsyncClient, slug: str) -> None:
    response = await client.put(f"/api/categories/{slug}", json={"name": "Maths"})
    assert response.status_code == 422
