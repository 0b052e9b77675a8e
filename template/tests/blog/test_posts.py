"""/api/posts"""

from typing import Any

import pytest
from factories import key, log_in, make_categories, make_comment, make_post, titles
from httpx import AsyncClient


@pytest.fixture(autouse=True)
async def author(client: AsyncClient) -> Any:
    """The user as whom the client is logged in."""
    return await log_in(client)


async def test_a_new_post_is_a_draft(client: AsyncClient) -> None:
    post = await make_post(client, meta={"tags": ["maths", "π"]})
    assert post["status"] == "draft"
    assert post["version"] == 1
    assert post["slug"].startswith("on-numbers-")
    assert post["updated_at"] == post["created_at"]
    assert (await client.get(f"/api/posts/{post['id']}")).json() == post


async def test_anyone_reads_posts_and_sees_no_address(client: AsyncClient, author: Any) -> None:
    post = await make_post(client)
    await make_comment(client, post["id"])
    del client.headers["Authorization"]
    for path in ("", "/feed", f"/{post['id']}", f"/{post['id']}/comments"):
        response = await client.get(f"/api/posts{path}")
        assert response.status_code == 200
        assert author.full_name in response.text
        assert author.email not in response.text


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"title": "Mine"}),
        ("PATCH", "", {"category_slugs": []}),
        ("DELETE", "", None),
        ("POST", "/publish", None),
    ],
)
async def test_only_the_author_writes_a_post(
    client: AsyncClient, method: str, path: str, body: Any
) -> None:
    post = await make_post(client)
    address = f"/api/posts/{post['id']}"
    await log_in(client, "Grace Hopper")
    assert (await client.request(method, address + path, json=body)).status_code == 404
    del client.headers["Authorization"]
    assert (await client.request(method, address + path, json=body)).status_code == 401
    assert (await client.get(address)).json() == post


async def test_a_new_post_needs_a_login(client: AsyncClient) -> None:
    del client.headers["Authorization"]
    draft = {"title": "?", "body": "?"}
    assert (await client.post("/api/posts", json=draft)).status_code == 401


async def test_a_posts_meta_holds_numbers_of_64_bits(client: AsyncClient) -> None:
    kept = {"numbers": [-(2**63), 2**64 - 1, 0.1, "9" * 30]}
    assert (await make_post(client, meta=kept))["meta"] == kept
    draft = {"title": "?", "body": "?", "meta": {"number": 2**64}}
    assert (await client.post("/api/posts", json=draft)).status_code == 422


@pytest.mark.parametrize("title", ["x" * 200, "한국어", "Ünïcödé", "- & -"])
async def test_any_title_has_a_slug(client: AsyncClient, title: str) -> None:
    slug = (await make_post(client, title=title))["slug"]
    assert slug.isascii()
    assert slug.strip("-") == slug
    assert 12 <= len(slug) <= 120


async def test_the_author_is_whoever_is_logged_in(client: AsyncClient, author: Any) -> None:
    post = await make_post(client)
    assert post["author"] == {"id": key(author), "full_name": "Ada Lovelace"}
    draft = {"title": "?", "body": "?", "author_id": post["author"]["id"]}
    assert (await client.post("/api/posts", json=draft)).status_code == 422


async def test_an_edit_of_an_old_version_is_refused(client: AsyncClient) -> None:
    address = f"/api/posts/{(await make_post(client))['id']}"
    first = await client.patch(address, json={"title": "First", "version": 1})
    assert first.json()["version"] == 2
    second = await client.patch(address, json={"title": "Second", "version": 1})
    assert second.status_code == 409
    assert (await client.get(address)).json()["title"] == "First"


async def test_posts_are_found_by_words_and_status(client: AsyncClient, author: Any) -> None:
    await make_post(client, title="100% Ärger")
    other = await make_post(client, title="1000 things")
    await client.post(f"/api/posts/{other['id']}/publish")
    assert await titles(client, q="0% är") == ["100% Ärger"]
    assert await titles(client, q="THINGS") == ["1000 things"]
    assert await titles(client, status="published") == ["1000 things"]
    assert await titles(client, author_id=str(author.id)) == ["1000 things", "100% Ärger"]


async def test_the_feed_continues_at_its_cursor(client: AsyncClient) -> None:
    for number in range(5):
        await make_post(client, title=str(number))
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        feed = (await client.get("/api/posts/feed", params=params)).json()
        seen += [post["title"] for post in feed["items"]]
        await make_post(client, title="written meanwhile")
        cursor = feed["next_cursor"]
        if cursor is None:
            break
    assert seen == ["4", "3", "2", "1", "0"]


async def test_an_invented_cursor_is_refused(client: AsyncClient) -> None:
    for cursor in ("x", "W10", "bm90IGpzb24", "WzEsIDIsIDNd"):
        response = await client.get("/api/posts/feed", params={"cursor": cursor})
        assert response.status_code == 422


async def test_a_deleted_post_is_not_found(client: AsyncClient) -> None:
    address = f"/api/posts/{(await make_post(client))['id']}"
    assert (await client.delete(address)).status_code == 204
    assert (await client.delete(address)).status_code == 404


# ---- Categories ----------------------------------------------------------------------------------


async def test_a_post_is_found_in_its_categories(client: AsyncClient) -> None:
    await make_categories("maths", "poetry")
    await make_post(client, title="Both", category_slugs=["poetry", "maths"])
    await make_post(client, title="One", category_slugs=["maths"])
    await make_post(client, title="None")
    assert await titles(client, category="maths") == ["One", "Both"]
    assert await titles(client, category="poetry") == ["Both"]


async def test_new_categories_replace_the_old_ones(client: AsyncClient) -> None:
    await make_categories("maths", "poetry", "prose")
    post = await make_post(client, title="Odd", category_slugs=["maths", "poetry"])
    changed = await client.patch(
        f"/api/posts/{post['id']}", json={"category_slugs": ["prose", "maths"]}
    )
    assert changed.json()["version"] == 2
    assert await titles(client, category="maths") == ["Odd"]
    assert await titles(client, category="prose") == ["Odd"]
    assert await titles(client, category="poetry") == []


async def test_other_changes_keep_a_post_in_its_categories(client: AsyncClient) -> None:
    await make_categories("maths")
    post = await make_post(client, category_slugs=["maths"])
    await client.patch(f"/api/posts/{post['id']}", json={"title": "Even"})
    assert await titles(client, category="maths") == ["Even"]


async def test_an_unknown_category_is_named_and_nothing_written(client: AsyncClient) -> None:
    draft = {"title": "Odd", "body": "?", "category_slugs": ["nowhere"]}
    created = await client.post("/api/posts", json=draft)
    assert created.status_code == 404
    assert "nowhere" in created.json()["detail"]
    assert await titles(client) == []


@pytest.mark.parametrize("slugs", [["maths", "maths"], ["Maths"], [""], None])
async def test_category_slugs_are_distinct_slugs(client: AsyncClient, slugs: Any) -> None:
    post = await make_post(client)
    response = await client.patch(f"/api/posts/{post['id']}", json={"category_slugs": slugs})
    assert response.status_code == 422
