"""Routes below those of another model work, and keep working when fields and models are altered."""

import sys
from pathlib import Path

import pytest

from ..generator.support import commit_all, groundplan, status
from ..support.projects import Project, render
from .support import assert_sound

pytestmark = [pytest.mark.full, pytest.mark.long]

GROUNDPLAN = (sys.executable, "-m", "groundplan")
MODELS = """
Basket number:str=40:unique Item name:str=80 seat:int tags:many=Tag hints:many=Tag:writeonly unique=basket,seat Tag name:str=9
Album:softdelete title:str=40 Photo caption:str=40:unique item:ref=Item place:int
--access Basket=owner --access Item=login --access Tag=login --access Album=login
--read Photo=public --write Photo=owner --under Item=Basket --under Photo=Album
"""
BELOW = "text:text item:ref=shop.Item:null --under blog.Post"


def test_routes_below_others_are_altered_and_destroyed(tmp_path: Path) -> None:
    root = render(tmp_path / "project", driver="aiosqlite")
    commit_all(root)
    project = Project(root)
    groundplan("startapp", "shop", *MODELS.split(), cwd=root)
    groundplan("startapp", "log", "Entry", *BELOW.split(), cwd=root)
    groundplan("addfield", "shop.Photo", "stock:int:default=0", cwd=root)
    for words in (
        ("renamefield", "shop.Photo", "album", "book"),
        ("removefield", "shop.Photo", "place"),
        ("renamemodel", "shop.Basket", "Cart"),
    ):
        project.manage("migrate")
        project.run(*GROUNDPLAN, *words)
    routes = (root / "my_service/apps/shop/routes.py").read_text()
    assert '"/albums/{book_id}/photos/{id}"' in routes
    assert '"/baskets/{basket_id}/items/{id}"' in routes
    for app in ("shop", "log"):
        queries = (root / f"my_service/apps/{app}/queries.py").read_text()
        assert queries.count('Item.basket.has(owner_id=bindparam("owner"))') == 1
    assert (root / "my_service/apps/log/routes.py").read_text().count("post_of_entry.one(") == 3
    assert_sound(project, "tests/shop", "tests/log")
    project.run(*GROUNDPLAN, "destroy", "shop", "log", "--yes")
    assert status(root) == ""
