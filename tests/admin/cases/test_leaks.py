"""What a view keeps from some members of staff, and ways out of the admin."""

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from starlette.requests import Request
from starlette_admin import RequestAction
from starlette_admin.fields import BaseField
from support import Form, browser, csrf, hidden, staff, stored_category, submit

from my_service.apps.blog.admin import CategoryAdmin
from my_service.apps.users.admin import PersonAdmin
from my_service.core.admin import ModelAdmin
from my_service.core.admin.views import DELETED
from my_service.core.admin.visitor import visitor_of

PAGES = "/admin/blog-category"
NOBODY = "00000000-0000-7000-8000-000000000000"


def may_see(
    view: ModelAdmin, request: Request, field: BaseField, action: RequestAction | None = None
) -> bool:
    """Show the slug to superusers only, as an owner's view may."""
    allowed = field.name != "slug" or visitor_of(request).identity.is_superuser
    return allowed and ModelAdmin.can_access_field(view, request, field, action)


async def test_a_field_that_staff_may_not_see_is_in_no_history_form_or_search(
    app: FastAPI, root: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CategoryAdmin, "can_access_field", may_see)
    row = await stored_category(slug="old-slug")
    url = f"{PAGES}/edit?pk={row.id}"
    assert (await submit(root, url, name="News", slug="new-slug")).status_code == 303
    assert "old-slug" in (await root.get(f"{PAGES}/detail?pk={row.id}")).text
    assert "of 1 entries" in (await root.get(f"{PAGES}/list?q=new-slug")).text
    person = await staff("blog.category.view", "blog.category.change")
    async with browser(app, person) as client:
        await csrf(client)
        detail = await client.get(f"{PAGES}/detail?pk={row.id}")
        assert "slug<br>" in detail.text  # that it has changed
        assert "-slug" not in detail.text
        assert "slug:" not in hidden((await client.get(url)).text, "_seen")
        assert "of 0 entries" in (await client.get(f"{PAGES}/list?q=new-slug")).text
        fields = Form((await client.get(url)).text).fields
        assert (await client.post(url, data={**fields, "name": "Olds"})).status_code == 303


@pytest.mark.parametrize("origin", ["/\t/evil.example/", "/\n/evil.example/", "\t//evil.example/"])
async def test_pages_do_not_lead_to_other_websites(root: AsyncClient, origin: str) -> None:
    row = await stored_category()
    pages = {"pk": str(row.id), "_origin": origin}
    for page in ("edit", "detail", "create"):
        answer = await root.get(f"{PAGES}/{page}", params=pages)
        assert answer.status_code == 400
        assert "evil.example" not in answer.text
    action = {"pks": str(row.id), "name": "delete", "_origin": origin}
    done = await root.post("/admin/_api/blog-category/action", params=action)
    assert (done.status_code, done.json()) == (
        400,
        {"msg": "The address of the page to return to is not valid."},
    )


async def test_a_form_for_new_users_has_no_rights_for_staff(
    isolated: None, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PersonAdmin, "can_create", ModelAdmin.can_create)
    async with browser(app, await staff("users.user.view", "users.user.add")) as client:
        page = await client.get("/admin/users-user/create")
    assert page.status_code == 200
    assert 'name="is_active"' in page.text
    assert 'name="is_staff"' not in page.text
    assert 'name="is_superuser"' not in page.text


async def test_the_sessions_of_no_user_are_not_ended(root: AsyncClient) -> None:
    params = {"pk": NOBODY, "name": "end"}
    answer = await root.post("/admin/_api/users-user/row-action", params=params)
    assert (answer.status_code, answer.json()) == (400, {"msg": DELETED})


async def test_a_file_may_have_any_name(root: AsyncClient) -> None:
    row = await stored_category()
    url = f"/admin/_api/blog-category/action?pks={row.id}&name=export"
    data = {"format": "csv", "scope": "selected", "filename": "März – neu\x00"}
    answer = await root.post(url, data=data)
    assert answer.status_code == 200, answer.text
    name = 'attachment; filename="M_rz _ neu_.csv"'
    assert answer.headers["content-disposition"] == name
