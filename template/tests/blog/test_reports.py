"""/api/reports"""

from typing import Any

import pytest
from factories import make_post, make_user
from httpx import AsyncClient


@pytest.fixture
async def authors(client: AsyncClient) -> dict[str, Any]:
    """Ada with three posts, one of them published; Grace with one post; Alan without posts."""
    keys = {name: await make_user(client, name) for name in ("ada", "grace", "alan")}
    first = await make_post(client, keys["ada"], title="Ada's first")
    await client.post(f"/api/posts/{first['id']}/publish")
    await make_post(client, keys["ada"], title="Ada's second")
    await make_post(client, keys["grace"], title="Grace's first")
    await make_post(client, keys["ada"], title="Ada's third")
    return keys


async def test_posts_are_counted_by_author(client: AsyncClient, authors: dict[str, Any]) -> None:
    counted = (await client.get("/api/reports/posts-per-author")).json()
    assert counted == [
        {"author_id": authors["ada"], "username": "ada", "posts": 3, "published": 1},
        {"author_id": authors["grace"], "username": "grace", "posts": 1, "published": 0},
    ]


@pytest.mark.parametrize(("at_least", "names"), [(1, ["ada", "grace"]), (3, ["ada"]), (4, [])])
@pytest.mark.usefixtures("authors")
async def test_authors_with_few_posts_can_be_left_out(
    client: AsyncClient, at_least: int, names: list[str]
) -> None:
    params = {"at_least": at_least}
    counted = (await client.get("/api/reports/posts-per-author", params=params)).json()
    assert [author["username"] for author in counted] == names


@pytest.mark.usefixtures("authors")
async def test_each_authors_newest_post_is_reported(client: AsyncClient) -> None:
    latest = (await client.get("/api/reports/latest-per-author")).json()
    assert [(post["username"], post["title"]) for post in latest] == [
        ("ada", "Ada's third"),
        ("grace", "Grace's first"),
    ]


@pytest.mark.usefixtures("authors")
async def test_a_report_is_limited(client: AsyncClient) -> None:
    for report in ("posts-per-author", "latest-per-author"):
        rows = (await client.get(f"/api/reports/{report}", params={"limit": 1})).json()
        assert [row["username"] for row in rows] == ["ada"]
