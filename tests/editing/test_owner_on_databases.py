"""`addfield --owner` for a table with rows, on each database."""

from pathlib import Path

import pytest

from ..conftest import each_driver
from ..generator.support import commit_all, groundplan
from ..resources.support import assert_sound
from ..support.deep import DEEP
from ..support.projects import PASSWORD, Project, render
from ..support.servers import Server

pytestmark = pytest.mark.full

OWNER = ("addfield", "shop.OrderLine", "--owner", "--rows-of")
MODELS = "OrderLine title:str=40:unique tags:many=Tag Tag name:str=40 --access public"
ROWS = """
import asyncio
from my_service.apps.shop.models import OrderLine
from my_service.core.db import transaction

async def add() -> None:
    async with transaction() as session:
        session.add_all(OrderLine(title=title) for title in ("first", "second"))

asyncio.run(add())
"""
OWNERS = """
import asyncio
from sqlalchemy import text
from my_service.core.db import transaction

async def show() -> None:
    owners = "SELECT email FROM order_lines JOIN users ON owner_id = users.id ORDER BY title"
    async with transaction() as session:
        print(*(await session.scalars(text(owners))).all())

asyncio.run(show())
"""
HAS_OWNER = """
import asyncio
from sqlalchemy import inspect
from my_service.core.db import transaction

async def show() -> None:
    async with transaction() as session:
        connection = await session.connection()
        columns = await connection.run_sync(lambda it: inspect(it).get_columns("order_lines"))
        print("owner_id" in {column["name"] for column in columns})

asyncio.run(show())
"""


def started(root: Path, server: Server, key: str) -> Project:
    """Return a project with two rows in a table without owners."""
    render(root, driver=server.driver, primary_key=key, example=False)
    commit_all(root)
    groundplan("startapp", "shop", *MODELS.split(), cwd=root)
    database = server.create_database()
    project = Project(root, database=database, settings={"DEBUG": "true"})
    project.manage("migrate")
    python(project, ROWS)
    return project


def python(project: Project, code: str) -> str:
    return project.run(project.python, "-c", code).stdout.strip()


@each_driver
@pytest.mark.long
def test_existing_rows_get_the_owner(database: Server, tmp_path: Path) -> None:
    key = "bigint" if database.name in ("mariadb", "postgresql") else "uuid7"
    project = started(tmp_path / "project", database, key)
    try:
        groundplan(*OWNER, "Ada@example.org", cwd=project.root)
        refused = project.manage("migrate", expect=1)
        assert (
            "Existing rows of order_lines should belong to ada@example.org, but no such user exists. "
            "Create the user, or change OWNER in revision "
        ) in refused.stderr
        assert python(project, HAS_OWNER) == "False"
        create = ("manage.py", "createuser", "ada@example.org")
        project.run(project.python, *create, given=f"{PASSWORD}\n")
        project.manage("migrate")
        assert python(project, OWNERS) == "ada@example.org ada@example.org"
        project.manage("migrate", "-1")
        assert python(project, HAS_OWNER) == "False"
        project.manage("migrate")
        assert python(project, OWNERS) == "ada@example.org ada@example.org"
        typed = DEEP or database.name == "sqlite"
        assert_sound(project, "tests/shop", typed=typed)
    finally:
        assert project.database is not None
        database.drop_database(project.database)


def test_rows_without_an_owner_stop_the_migration(sqlite: Server, tmp_path: Path) -> None:
    project = started(tmp_path / "project", sqlite, "uuid7")
    groundplan(*OWNER, "none", cwd=project.root)
    refused = project.manage("migrate", expect=1)
    assert "order_lines has rows, and revision " in refused.stderr
    assert python(project, HAS_OWNER) == "False"


def test_the_sql_of_the_revision_looks_the_owner_up(postgresql: Server, tmp_path: Path) -> None:
    project = started(tmp_path / "project", postgresql, "uuid7")
    key = "01890a5d-ac96-774b-bcce-b302099a8057"
    groundplan(*OWNER, key, cwd=project.root)
    sql = project.manage("sqlmigrate", "head").stdout
    assert f"WHERE users.id = '{key}'" in sql
