"""An owner's column, action and hidden model, as docs/admin.md shows them."""

from httpx import AsyncClient
from support import audit, stored_category, stored_post

from my_service.apps.blog.models import Post, PostStatus
from my_service.core.auth.testing import make_user
from my_service.core.db import transaction

PUBLISH = "/admin/_api/blog-post/action?name=publish"


async def test_a_method_is_a_column(root: AsyncClient) -> None:
    await stored_post(await make_user(), body="one two three four five")
    page = await root.get("/admin/blog-post/list")
    assert page.status_code == 200, page.text
    cell = page.text.partition('<td data-column="words"')[2].partition("</td>")[0]
    assert ">5" in "".join(cell.split())
    titles = [page.text.index(f'data-column="{name}"') for name in ("status", "words")]
    assert titles == sorted(titles)


async def test_an_action_changes_rows_and_is_logged(root: AsyncClient) -> None:
    post = await stored_post(await make_user())
    done = await root.post(f"{PUBLISH}&pks={post.id}")
    assert done.status_code == 200, done.text
    async with transaction(read_only=True) as session:
        assert (await session.get_one(Post, post.id)).status is PostStatus.PUBLISHED
    [entry] = await audit()
    assert entry.changes["status"] == ["draft", "published"]


async def test_an_action_that_fails_says_why_and_changes_nothing(root: AsyncClient) -> None:
    author = await make_user()
    good = await stored_post(author, slug="a-post", title="Full")
    empty = await stored_post(author, slug="another", title="Blank", body="")
    refused = await root.post(f"{PUBLISH}&pks={good.id}&pks={empty.id}")
    assert (refused.status_code, refused.json()["msg"]) == (400, "Blank is empty.")
    async with transaction(read_only=True) as session:
        assert (await session.get_one(Post, good.id)).status is PostStatus.DRAFT
    assert await audit() == []


async def test_a_hidden_model_has_no_pages(root: AsyncClient) -> None:
    row = await stored_category()
    home = await root.get("/admin/")
    assert home.status_code == 200
    assert "Comments" not in home.text
    assert "Categories" not in home.text
    for path in ("list", "create", f"detail?pk={row.id}", f"edit?pk={row.id}"):
        assert (await root.get(f"/admin/blog-category/{path}")).status_code == 403
    assert (await root.get("/admin/blog-comment/list")).status_code == 404
