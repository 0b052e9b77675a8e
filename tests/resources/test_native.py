"""Arrays, indexes of documents and searches work on PostgreSQL."""

import json
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from ..generator.support import commit_all, groundplan, status
from ..support.projects import Project, render
from ..support.servers import Server
from .support import assert_sound

pytestmark = pytest.mark.full

SEARCHED = "Article:search=title,body title:str=200 body:text:null kind:enum=news,essay"
NATIVE = """
tags:array=str:index marks:array=int:null meta:json:index days:array=date:default=2026-01-02:index
at:array=datetime:null:index ids:array=uuid:index:max=3 sizes:array=float:index:min=2 Note text:text flags:array=bool:index
times:array=time:index extra:json:null:index
--access Note=owner
"""
HOSTILE = (
    "'", '"', '"red', "&", "red & | !", "<->", "a:*", "()", "+red -door", "*", ">", "~", "@9", "%", "_", "\\", "\x01",
    "😀", "é" * 200, "-", '"" ""', "or or", "red' OR 1=1 --", "null", "../", "a\tb", "\u202e", "$1", "{}", ":x", "x" * 200,
)  # fmt: skip


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_searches_and_native_types(database: Server, tmp_path: Path) -> None:
    root = render(tmp_path / "project", driver=database.driver, example=False)
    commit_all(root)
    groundplan("startapp", "press", *SEARCHED.split(), *NATIVE.split(), cwd=root)
    groundplan("startapp", "press", "Leaf:search=text", "text:str=90", "more:json:index", cwd=root)
    project = Project(root, database=database.create_database())
    try:
        assert_sound(project, "tests/press", pyright=True)
        with project.serve() as service:
            service.log_in()
            follow_search(service.client)
            follow_native(service.client)
        project.run(sys.executable, "-m", "groundplan", "destroy", "press", "--yes")
        assert status(root) == ""
    finally:
        assert project.database is not None
        database.drop_database(project.database)


VALUES: dict[str, Any] = {
    "tags": ["a", "b c"],
    "marks": None,
    "meta": {"a": {"b": [1, "x"]}},
    "days": ["2026-01-31"],
    "at": ["2026-01-31T09:30:00Z"],
    "ids": ["01890a5d-ac96-774b-bcce-b302099a8057"],
    "sizes": [0.5, 1.5],
}


def follow_search(client: httpx.Client) -> None:
    """Search committed rows, in lists with filters and sorts, for words and for hostile text."""
    texts = [("Red door", "news"), ("Blue door", "news"), ("Red window", "essay")]
    for title, kind in texts:
        body = {"title": title, "body": None, "kind": kind} | VALUES
        assert client.post("/api/articles", json=body).status_code == 201

    def found(**params: Any) -> list[str]:
        page = client.get("/api/articles", params=params)
        scroll = client.get("/api/articles/scroll", params=params)
        assert (page.status_code, scroll.status_code) == (200, 200), (params, page.text)
        items = page.json()["items"]
        assert items == scroll.json()["items"]
        assert page.json()["total"] == len(items)
        return [item["title"] for item in items]

    assert found(search="red") == ["Red door", "Red window"]
    assert found(search="red", sort="-title") == ["Red window", "Red door"]
    assert found(search="red", kind="news") == ["Red door"]
    assert found(search="yellow") == []
    page = client.get("/api/articles", params={"search": "door", "page": 2, "per_page": 1}).json()
    assert ([item["title"] for item in page["items"]], page["total"]) == (["Blue door"], 2)
    for text in HOSTILE:
        found(search=text)
    for text in ("", "x" * 201, "a\0b"):
        assert client.get("/api/articles", params={"search": text}).status_code == 422, text
    row = client.get("/api/articles", params={"search": "window"}).json()["items"][0]
    client.patch(f"/api/articles/{row['id']}", json={"body": "Glass and yellow paint"})
    assert found(search="yellow") == ["Red window"]


def follow_native(client: httpx.Client) -> None:
    """Filter by what arrays and documents contain."""
    total = {
        'tags=a&tags=b c': 3, 'tags=a': 3, 'tags=c': 0, 'tags=A': 0, 'days=2026-01-31': 3, 'days=2026-02-01': 0,
        'at=2026-01-31T09:30:00Z': 3, 'at=2026-01-31T10:30:00%2B01:00': 3, 'ids=01890a5dac96774bbcceb302099a8057': 3,
        'sizes=0.5': 3, 'sizes=0.25': 0, 'meta={"a":{"b":["x"]}}': 3, 'meta={"a":{"b":"x"}}': 0, "meta={}": 3,
        'tags=a&meta={"a":{}}&search=red&kind=essay': 1,
    }  # fmt: skip
    for query, expected in total.items():
        answer = client.get(f"/api/articles?{query}")
        assert answer.status_code == 200, (query, answer.text)
        assert answer.json()["total"] == expected, query
    for inner, code in (
        ("[" * 240 + "]" * 240 + "}", 200),
        ("[" * 494, 422),
        ('{"a":' * 99, 422),
    ):
        answer = client.get("/api/articles", params={"meta": '{"a":' + inner})
        assert answer.status_code == code, (inner, answer.text)
    longest = {"tags": ["é" * 255] * 3, "meta": json.loads('{"a": ' + "[" * 50 + "]" * 50 + "}")}
    for name, value in longest.items():
        row = client.get("/api/articles").json()["items"][0]
        changed = client.patch(f"/api/articles/{row['id']}", json={name: value})
        assert (changed.status_code, changed.json()[name]) == (200, value)
