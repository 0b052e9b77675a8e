"""/api/reports"""

from typing import Any

import pytest
from factories import key, log_in, make_post
from httpx import AsyncClient


@pytest.fixture
async def authors(client: AsyncClient) -> dict[str, Any]:
    """Ada with three posts, one of them published; Grace with one post; staff without posts."""
    ada = await log_in(client, "Ada")
    first = await make_post(client, title="Ada's first")
    await client.post(f"/api/posts/{first['id']}/publish")
    await make_post(client, title="Ada's second")
    as_ada = client.headers["Authorization"]
    grace = await log_in(client, "Grace")
    await make_post(client, title="Grace's first")
    client.headers["Authorization"] = as_ada
    await make_post(client, title="Ada's third")
    await log_in(client, "Alan", is_staff=True)
    return {user.full_name: {"id": key(user), "full_name": user.full_name} for user in (ada, grace)}


async def test_posts_are_counted_by_author(client: AsyncClient, authors: dict[str, Any]) -> None:
    counted = (await client.get("/api/reports/posts-per-author")).json()
    assert counted == [
        {"author": authors["Ada"], "posts": 3, "published": 1},
        {"author": authors["Grace"], "posts": 1, "published": 0},
    ]


@pytest.mark.parametrize(("at_least", "names"), [(1, ["Ada", "Grace"]), (3, ["Ada"]), (4, [])])
@pytest.mark.usefixtures("authors")
async def test_authors_with_few_posts_can_be_left_out(
    client: AsyncClient, at_least: int, names: list[str]
) -> None:
    params = {"at_least": at_least}
    counted = (await client.get("/api/reports/posts-per-author", params=params)).json()
    assert [row["author"]["full_name"] for row in counted] == names


@pytest.mark.usefixtures("authors")
async def test_each_authors_newest_post_is_reported(client: AsyncClient) -> None:
    latest = (await client.get("/api/reports/latest-per-author")).json()
    assert [(post["author"]["full_name"], post["title"]) for post in latest] == [
        ("Ada", "Ada's third"),
        ("Grace", "Grace's first"),
    ]


@pytest.mark.usefixtures("authors")
async def test_a_report_is_limited(client: AsyncClient) -> None:
    for report in ("posts-per-author", "latest-per-author"):
        rows = (await client.get(f"/api/reports/{report}", params={"limit": 1})).json()
        assert [row["author"]["full_name"] for row in rows] == ["Ada"]


async def test_reports_are_for_staff(client: AsyncClient) -> None:
    for report in ("posts-per-author", "latest-per-author"):
        assert (await client.get(f"/api/reports/{report}")).status_code == 401
    await log_in(client)
    for report in ("posts-per-author", "latest-per-author"):
        assert (await client.get(f"/api/reports/{report}")).status_code == 403
