"""A service that gets the admin by an update has pages of its users at once."""

import pytest
from httpx import AsyncClient
from support import audit, submit

from my_service.core.auth.testing import make_user

USERS = ("users-user", "auth-group", "auth-group-member", "auth-group-permission")


@pytest.mark.parametrize("key", [*USERS, "auth-user-permission"])
async def test_users_and_rights_have_pages(root: AsyncClient, key: str) -> None:
    page = await root.get(f"/admin/{key}/list")
    assert page.status_code == 200, page.text


async def test_models_without_a_view_have_none(root: AsyncClient) -> None:
    assert (await root.get("/admin/ledger-account/list")).status_code == 404


async def test_a_user_is_changed(root: AsyncClient) -> None:
    user = await make_user(full_name="Ada")
    url = f"/admin/users-user/edit?pk={user.id}"
    answer = await submit(root, url, full_name="Ada", is_active="true", is_staff="true")
    assert answer.status_code == 303, answer.text
    [entry] = await audit()
    assert (entry.model, entry.changes) == ("users.user", {"is_staff": [False, True]})
