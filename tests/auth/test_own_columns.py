"""Columns that a service adds to its users may have any name, those of tokens and events included."""

from pathlib import Path

import pytest

from ..support.projects import Project, render
from ..support.servers import sqlite

pytestmark = pytest.mark.full

NAMES = ("seen_at", "token_id", "token_kind", "authenticated_at", "logged_in_at")
RECORDED = ("kind", "user_id", "actor_id", "connection", "event")  # arguments of `record`
OWN = "".join(f"    {name}: Mapped[str | None]\n" for name in (*NAMES, *RECORDED))
PATCHED = "".join(f"    {name}: str = LEFT_OUT\n" for name in RECORDED)
INSIDE = f'''"""Logins work, and security events hold rights alone."""

from httpx import AsyncClient
from sqlalchemy import select

from my_service.apps.users.models import User
from my_service.core.auth import SecurityEvent
from my_service.core.auth.testing import login_as, make_user
from my_service.core.db import transaction

NAMES, RECORDED = {NAMES!r}, {RECORDED!r}


async def test_staff_change_columns_of_any_name(client: AsyncClient) -> None:
    await login_as(client, await make_user(is_superuser=True, **dict.fromkeys(NAMES, "x")))
    assert (await client.get("/api/me")).json()["is_superuser"]
    user = await make_user()
    values = dict.fromkeys(RECORDED, "1234")
    body = {{"is_staff": True, **values}}
    answer = await client.patch(f"/api/users/{{user.id}}", json=body)
    assert answer.status_code == 200, answer.text
    async with transaction(read_only=True) as session:
        row = await session.get_one(User, user.id)
        assert {{name: getattr(row, name) for name in RECORDED}} == values
        [event] = await session.scalars(select(SecurityEvent))
        assert (event.kind, event.details) == ("rights_changed", {{"is_staff": True}})
'''


def test_a_user_may_have_columns_of_any_name(tmp_path: Path) -> None:
    root = render(tmp_path / "project", example=False)
    users = root / "my_service/apps/users"
    for name, end in (("models", OWN), ("schemas", PATCHED)):
        with users.joinpath(f"{name}.py").open("a") as file:
            file.write(end)
    root.joinpath("tests/users/test_own_columns.py").write_text(INSIDE)
    project = Project(root, database=sqlite(tmp_path).create_database())
    project.manage("migrate")
    project.manage("makemigrations", "-m", "columns")
    project.manage("migrate")
    project.manage("test", "-q", "tests/users")
