"""From nothing to a working resource, on each database, without editing a file by hand."""

from pathlib import Path
from typing import Any

import pytest

from groundplan.fields.words import TYPES

from ..conftest import each_driver
from ..support.projects import Project, copy_working_tree
from ..support.servers import Server
from .support import commit_all, groundplan, pack, status

pytestmark = pytest.mark.full

# A field of every type, and a value for it in a request.
FIELDS: dict[str, Any] = {
    "title:str=200:unique": "A title",
    "body:text:null": "Long\ntext",
    "stock:int:ge=0": 3,
    "views:bigint:default=0": 2**40,
    "rating:smallint:ge=1:le=5": 5,
    "weight:float": 0.5,
    "price:decimal=10,2:ge=0": "12.50",
    "active:bool:default=true": False,
    "due_on:date": "2026-01-31",
    "opens_at:time": "09:30:00",
    "published_at:datetime:null:index": "2026-01-31T09:30:00.123456Z",
    "length:duration": "PT1H30M",
    "token:uuid": "01890a5d-ac96-774b-bcce-b302099a8057",
    "thumbnail:bytes:null": None,
    "meta:json": {"a": [1, None, "é"]},
    "status:enum=draft,live:default=draft:index": "live",
    "contact:email": "ada@example.org",
    "website:url": "https://example.org/",
    "nickname:slug": "a-slug",
    "api_key:secret": "hush",
    "door:password": "three quiet green doors",
    "author:ref=users.User:on_delete=cascade": None,
    "labels:list=str": ["a", "b"],
    "open_on:list=date:null": ["2026-01-31"],
    "categories:many=blog.Category": [],
}
NATIVE: dict[str, Any] = {  # only on PostgreSQL
    "tags:array=str": ["a", "b"],
    "handle:citext=40:unique": "Ada",
}


def test_every_type_is_among_the_fields() -> None:
    types = {field.split(":")[1].partition("=")[0] for field in FIELDS | NATIVE}
    assert types == set(TYPES)


@each_driver
@pytest.mark.long
def test_a_project_and_a_resource_need_no_manual_step(database: Server, tmp_path: Path) -> None:
    template = copy_working_tree(tmp_path / "template")
    commit_all(template)
    pack(template)
    start = ("startproject", "works", "--driver", database.driver, "--template", template)
    groundplan(*start, "--defaults", cwd=tmp_path)
    root = tmp_path / "works"
    fields = FIELDS | (NATIVE if database.name == "postgresql" else {})
    groundplan("startapp", "shop", "Product", *fields, cwd=root)
    commit_all(root)
    project = Project(root, database=database.create_database())
    try:
        project.manage("migrate")
        project.manage("makemigrations", "--check")
        with project.serve() as service:
            service.log_in("--staff")
            author = service.client.get("/api/me").json()["id"]
            body = {field.partition(":")[0]: value for field, value in fields.items()}
            del body["author"], body["categories"]
            category = service.client.put("/api/categories/news", json={"name": "News"}).json()
            body |= {"author_id": author, "category_ids": [category["id"]]}
            answer = service.client.post("/api/products", json=body)
            assert answer.status_code == 201, answer.text
            hidden = {"api_key", "door"}
            assert answer.json().keys() & hidden == set()
            given = {key: value for key, value in body.items() if key not in hidden}
            assert {key: answer.json()[key] for key in given} == given
            assert "hush" not in answer.text
        project.manage("test", "tests/shop", "tests/test_migrations.py")
        assert status(root) == ""
    finally:
        assert project.database is not None
        database.drop_database(project.database)
