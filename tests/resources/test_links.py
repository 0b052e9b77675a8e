"""Associations whose rows are marked as deleted are not shown; each test module runs alone."""

from pathlib import Path

import pytest

from ..conftest import each_driver
from ..generator.support import commit_all, groundplan
from ..support.projects import Project, render
from ..support.servers import Server
from .support import assert_sound

pytestmark = pytest.mark.full

KITCHEN = """
Recipe:slug=title title:str=80:default=soup foods:many=Food:through=Ingredient:back=recipes
Food name:str=80:unique
Ingredient:softdelete recipe:ref=Recipe:on_delete=cascade food:ref=Food grams:int:ge=1 unique=recipe,food
--access public
"""
NESTED = Path(__file__).parent / "inside" / "nested_links.py"


@each_driver
def test_an_association_that_is_marked_as_deleted_is_not_shown(
    database: Server, tmp_path: Path
) -> None:
    key = "bigint" if database.name == "mariadb" else "uuid7"
    root = render(tmp_path / "project", driver=database.driver, primary_key=key, example=False)
    commit_all(root)
    groundplan("startapp", "kitchen", *KITCHEN.split(), cwd=root)
    words = ("Review", "recipe:ref=kitchen.Recipe:back=reviews", "--access", "public")
    groundplan("startapp", "reviews", *words, cwd=root)
    alone = root / "tests/kitchen/test_nested_links.py"
    alone.write_text(NESTED.read_text())
    project = Project(root, database=database.create_database())
    try:
        project.manage("migrate")
        project.manage("test", str(alone.relative_to(root)))  # it imports no model of reviews
        assert_sound(project, "tests/kitchen", typed=database.name == "sqlite")
    finally:
        assert project.database is not None
        database.drop_database(project.database)
