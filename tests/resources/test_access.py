"""Models of every access, in two apps, work on each database."""

from pathlib import Path

import pytest

from ..conftest import each_driver
from ..generator.support import commit_all, groundplan
from ..support.deep import DEEP
from ..support.projects import Project, render
from ..support.servers import Server
from .support import assert_sound

pytestmark = pytest.mark.full

MODELS = """
Note text:str=99:unique tags:many=Tag Tag name:str=40:unique lid:password:null
Product title:str=200:unique seller:ref=users.User:null
Report title:str=40:unique door:password note:ref=Note:null
OrderLine product:ref=Product quantity:int note:ref=Note:null parent:ref=OrderLine:null
Photo caption:str=40 note:ref=Note other:ref=Note:null Ping at:datetime:null
--access owner --read Product=public --read Photo=login
--access Report=staff --access OrderLine=login --access Ping=public
"""
LATER = "note:ref=shop.Note tags:many=shop.Tag text:str=40 --access owner"


@each_driver
@pytest.mark.long
def test_models_of_every_access(database: Server, tmp_path: Path) -> None:
    key = "bigint" if database.name == "mariadb" else "uuid7"
    answers = {"driver": database.driver, "primary_key": key}
    root = render(tmp_path / "project", auth=True, example=False, **answers)
    commit_all(root)
    groundplan("startapp", "shop", *MODELS.split(), cwd=root)
    groundplan("startapp", "shop", "Visit", *LATER.split(), cwd=root)
    groundplan("startapp", "log", "Entry", *LATER.split(), cwd=root)
    project = Project(root, database=database.create_database(), settings={"DEBUG": "true"})
    try:
        typed = DEEP or database.name == "sqlite"
        assert_sound(project, "tests/shop", "tests/log", typed=typed)
    finally:
        assert project.database is not None
        database.drop_database(project.database)
