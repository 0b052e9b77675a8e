"""/api/posts"""

from typing import Any

import pytest
from factories import make_categories, make_post, make_user, missing, titles
from httpx import AsyncClient


@pytest.fixture
async def author(client: AsyncClient) -> Any:
    return await make_user(client)


async def test_a_new_post_is_a_draft(client: AsyncClient, author: Any) -> None:
    post = await make_post(client, author, meta={"tags": ["maths", "π"]})
    assert post["status"] == "draft"
    assert post["version"] == 1
    assert post["slug"].startswith("on-numbers-")
    assert post["updated_at"] == post["created_at"]
    assert (await client.get(f"/api/posts/{post['id']}")).json() == post


async def test_a_posts_meta_holds_numbers_of_64_bits(client: AsyncClient, author: Any) -> None:
    kept = {"numbers": [-(2**63), 2**64 - 1, 0.1, "9" * 30]}
    assert (await make_post(client, author, meta=kept))["meta"] == kept
    draft = {"title": "?", "body": "?", "author_id": author, "meta": {"number": 2**64}}
    assert (await client.post("/api/posts", json=draft)).status_code == 422


@pytest.mark.parametrize("title", ["x" * 200, "한국어", "Ünïcödé", "- & -"])
async def test_any_title_has_a_slug(client: AsyncClient, author: Any, title: str) -> None:
    slug = (await make_post(client, author, title=title))["slug"]
    assert slug.isascii()
    assert slug.strip("-") == slug
    assert 12 <= len(slug) <= 120


async def test_a_post_needs_an_author(client: AsyncClient, author: Any) -> None:
    orphan = {"title": "?", "body": "?", "author_id": missing(author)}
    assert (await client.post("/api/posts", json=orphan)).status_code == 409


async def test_an_edit_of_an_old_version_is_refused(client: AsyncClient, author: Any) -> None:
    address = f"/api/posts/{(await make_post(client, author))['id']}"
    first = await client.patch(address, json={"title": "First", "version": 1})
    assert first.json()["version"] == 2
    second = await client.patch(address, json={"title": "Second", "version": 1})
    assert second.status_code == 409
    assert (await client.get(address)).json()["title"] == "First"


async def test_publishing_twice_changes_nothing(client: AsyncClient, author: Any) -> None:
    post = await make_post(client, author)
    once = await client.post(f"/api/posts/{post['id']}/publish")
    twice = await client.post(f"/api/posts/{post['id']}/publish")
    assert once.json()["status"] == "published"
    assert twice.json() == once.json()


async def test_posts_are_found_by_words_and_status(client: AsyncClient, author: Any) -> None:
    await make_post(client, author, title="100% Ärger")
    other = await make_post(client, author, title="1000 things")
    await client.post(f"/api/posts/{other['id']}/publish")
    assert await titles(client, q="0% är") == ["100% Ärger"]
    assert await titles(client, q="THINGS") == ["1000 things"]
    assert await titles(client, status="published") == ["1000 things"]
    assert await titles(client, author_id=str(author)) == ["1000 things", "100% Ärger"]


async def test_the_feed_continues_at_its_cursor(client: AsyncClient, author: Any) -> None:
    for number in range(5):
        await make_post(client, author, title=str(number))
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        feed = (await client.get("/api/posts/feed", params=params)).json()
        seen += [post["title"] for post in feed["items"]]
        await make_post(client, author, title="written meanwhile")
        cursor = feed["next_cursor"]
        if cursor is None:
            break
    assert seen == ["4", "3", "2", "1", "0"]


async def test_an_invented_cursor_is_refused(client: AsyncClient) -> None:
    for cursor in ("x", "W10", "bm90IGpzb24", "WzEsIDIsIDNd"):
        response = await client.get("/api/posts/feed", params={"cursor": cursor})
        assert response.status_code == 422


async def test_a_deleted_post_is_not_found(client: AsyncClient, author: Any) -> None:
    address = f"/api/posts/{(await make_post(client, author))['id']}"
    assert (await client.delete(address)).status_code == 204
    assert (await client.delete(address)).status_code == 404


# ---- Categories ----------------------------------------------------------------------------------


async def test_a_post_is_found_in_its_categories(client: AsyncClient, author: Any) -> None:
    await make_categories(client, "maths", "poetry")
    await make_post(client, author, title="Both", category_slugs=["poetry", "maths"])
    await make_post(client, author, title="One", category_slugs=["maths"])
    await make_post(client, author, title="None")
    assert await titles(client, category="maths") == ["One", "Both"]
    assert await titles(client, category="poetry") == ["Both"]


async def test_new_categories_replace_the_old_ones(client: AsyncClient, author: Any) -> None:
    await make_categories(client, "maths", "poetry", "prose")
    post = await make_post(client, author, title="Odd", category_slugs=["maths", "poetry"])
    changed = await client.patch(
        f"/api/posts/{post['id']}", json={"category_slugs": ["prose", "maths"]}
    )
    assert changed.json()["version"] == 2
    assert await titles(client, category="maths") == ["Odd"]
    assert await titles(client, category="prose") == ["Odd"]
    assert await titles(client, category="poetry") == []


async def test_other_changes_keep_a_post_in_its_categories(
    client: AsyncClient, author: Any
) -> None:
    await make_categories(client, "maths")
    post = await make_post(client, author, category_slugs=["maths"])
    await client.patch(f"/api/posts/{post['id']}", json={"title": "Even"})
    assert await titles(client, category="maths") == ["Even"]


async def test_an_unknown_category_is_named_and_nothing_written(
    client: AsyncClient, author: Any
) -> None:
    draft = {"title": "Odd", "body": "?", "author_id": author, "category_slugs": ["nowhere"]}
    created = await client.post("/api/posts", json=draft)
    assert created.status_code == 404
    assert "nowhere" in created.json()["detail"]
    assert await titles(client) == []


@pytest.mark.parametrize("slugs", [["maths", "maths"], ["Maths"], [""], None])
async def test_category_slugs_are_distinct_slugs(
    client: AsyncClient, author: Any, slugs: Any
) -> None:
    post = await make_post(client, author)
    response = await client.patch(f"/api/posts/{post['id']}", json={"category_slugs": slugs})
    assert response.status_code == 422
