"""Generated code is formatted, however long its names are."""

import sys
from pathlib import Path

import pytest

from ..generator.support import commit_all, groundplan
from ..support.projects import Project, render

pytestmark = pytest.mark.full

BIN = Path(sys.executable).parent
LONG = """
ShipmentOfHeavyGoodsByTruck published_at_latest:str=200:unique price:decimal=10,2:ge=0:default=0
is_shipped_by_someone_else_of_course:bool number_of_truck:int:index company:ref=users.User
TruckOfAll tags:many=TagOfGoods:back=trucks_of_all_the_tags related:many=TruckOfAll
TagOfGoods name_of_the_very_long_tag_of_goods:str=40:unique made_on:date:null:readonly
ShipmentOfHeavyGoodsByTruckAndByTrain12 name_of_the_very_long_tag_of_goods_4012:str=200
price_of_all_that_is_in_it:decimal=10,2 body_of_the_very_long_tag_of_goods_4012:text:null
code_of_it_all:str=40:pattern=^[a-z]+$:min=3 is_done:bool size:int:default=3:index
AnInternationalShipmentOfGoods url_of_it_all:url:unique comment_on_it:json:readonly:default={}
"""
TEXTS = ["in_brackets:str=99:default=a(b,[c{d", 'quoted:str=99:default=it\'s "x", \\ and {% y %}']
LAST = f"the_longest_of_all_of_them:str=200:default={'a long text, ' * 12}"


def test_resources_with_long_names_are_formatted(tmp_path: Path) -> None:
    root = render(tmp_path / "project")
    commit_all(root)
    groundplan("startapp", "international_goods", *LONG.split(), *TEXTS, LAST, cwd=root)
    project = Project(root)
    project.run(BIN / "ruff", "check", "--no-cache")
    project.run(BIN / "ruff", "format", "--check", "--diff", "--no-cache")
