"""What only some databases have: arrays, indexes of documents, searches, texts without case, exclusions."""

import json
import secrets
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from ..generator.support import commit_all, groundplan, status
from ..support.projects import Project, render
from ..support.servers import Server
from ..support.sql import execute
from .support import assert_sound

pytestmark = pytest.mark.full

GROUNDPLAN = (sys.executable, "-m", "groundplan")
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


@pytest.mark.parametrize("database", ["mariadb", "mysql"], indirect=True)
def test_searches_of_committed_rows(database: Server, tmp_path: Path) -> None:
    has_users = database.name == "mariadb"
    root = render(tmp_path / "project", driver=database.driver, example=False, auth=has_users)
    commit_all(root)
    groundplan("startapp", "press", *SEARCHED.split(), cwd=root)
    groundplan("startapp", "press", "Leaf:search=text", "text:str=90", cwd=root)
    project = Project(root, database=database.create_database())
    try:
        assert_sound(project, "tests/press", typed=has_users)
        with project.serve() as service:
            if has_users:
                service.log_in()
            follow_search(service.client)
        project.run(*GROUNDPLAN, "removefield", "press.Leaf", "search_text")
        project.manage("migrate")
        project.manage("makemigrations", "--check")
        project.manage("test", "tests/press")
    finally:
        assert project.database is not None
        database.drop_database(project.database)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_searches_and_native_types(database: Server, tmp_path: Path) -> None:
    root = render(tmp_path / "project", driver=database.driver, example=False)
    commit_all(root)
    groundplan("startapp", "press", *SEARCHED.split(), *NATIVE.split(), cwd=root)
    groundplan("startapp", "press", "Leaf:search=text", "text:str=90", "more:json:index", cwd=root)
    project = Project(root, database=database.create_database())
    try:
        assert_sound(project, "tests/press")
        with project.serve() as service:
            service.log_in()
            follow_search(service.client, VALUES)
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


def follow_search(client: httpx.Client, values: dict[str, Any] | None = None) -> None:
    """Search committed rows, in lists with filters and sorts, for words and for hostile text."""
    texts = [("Red door", "news"), ("Blue door", "news"), ("Red window", "essay")]
    for title, kind in texts:
        body = {"title": title, "body": None, "kind": kind} | (values or {})
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
    assert found(search="RED Door") == found(search='"red door"') == ["Red door"]
    assert found(search='"door red"') == found(search="yellow") == []
    assert found(search="red -door") == ["Red window"]
    assert found(search="blue OR window") == ["Blue door", "Red window"]
    page = client.get("/api/articles", params={"search": "door", "page": 2, "per_page": 1}).json()
    assert ([item["title"] for item in page["items"]], page["total"]) == (["Blue door"], 2)
    for text in HOSTILE:
        found(search=text)
    for text in ("", "x" * 201, "a\0b"):
        assert client.get("/api/articles", params={"search": text}).status_code == 422, text
    row = client.get("/api/articles", params={"search": "window"}).json()["items"][0]
    client.patch(f"/api/articles/{row['id']}", json={"body": "Glass and yellow paint"})
    assert found(search="yellow") == ["Red window"]


BOOKINGS = """
Booking:softdelete room:ref=Room guest:str=40:index starts_at:datetime ends_at:datetime:null
exclude=room,starts_at..ends_at exclude=guest,starts_at..ends_at
Room name:citext=40:unique low:int:ge=3 high:bigint exclude=low..high
Stay from_day:date to_day:date:null least:decimal=9,2:null most:decimal=9,2 note:citext=4:null:pattern=^[A-Z]+$
exclude=owner,from_day..to_day exclude=least..most Rate name:citext=40 unique=name,day day:date
--access Stay=owner
"""


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_texts_without_case_and_exclusions(database: Server, tmp_path: Path) -> None:
    root = render(tmp_path / "project", driver=database.driver, example=False)
    commit_all(root)
    groundplan("startapp", "hotel", *BOOKINGS.split(), cwd=root)
    groundplan("startapp", "desk", "Badge", "room:ref=Room", "stay:ref=Stay", cwd=root)
    project = Project(root, database=database.create_database())
    try:
        assert_sound(project, "tests/hotel", "tests/desk")
        with project.serve() as service:
            service.log_in()
            follow_texts(service.client)
            follow_periods(service.client)
        for words in ALTERED:
            project.run(*GROUNDPLAN, *words.split())
            project.manage("migrate")
        assert_sound(project, "tests/hotel", typed=False)
        project.run(*GROUNDPLAN, "destroy", "hotel", "desk", "--yes")
        assert status(root) == ""
    finally:
        assert project.database is not None
        database.drop_database(project.database)


ALTERED = (
    "renamefield hotel.Booking starts_at begins_at",
    "renamefield hotel.Booking room suite",
    "renamemodel hotel.Booking Visit",
    "renamefield hotel.Stay note remark",
    "addfield hotel.Rate code:citext=9:null:unique",
    "removefield hotel.Stay remark",
)


def follow_texts(client: httpx.Client) -> None:
    """Compare texts in any case, in unique constraints, filters, sorts and cursors."""

    def names(path: str = "/api/rooms", **params: Any) -> list[str]:
        answer = client.get(path, params={"sort": "name"} | params)
        assert answer.status_code == 200, answer.text
        return [one["name"] for one in answer.json()["items"]]

    for number, name in enumerate(("b", "A", "C", "Ab\u202e", "'\"%_\\", "é" * 40, "😀")):
        body = {"name": name, "low": 10 * number + 3, "high": 10 * number + 13}
        assert client.post("/api/rooms", json=body).status_code == 201, name
    for name in ("B", "a", " c ", "AB\u202e"):
        answer = client.post("/api/rooms", json={"name": name, "low": 900, "high": 901})
        assert (answer.status_code, answer.json().get("fields")) == (409, ["name"]), name
    for name in ("a\0", "", " ", "x" * 41):
        body = {"name": name, "low": 900, "high": 901}
        assert client.post("/api/rooms", json=body).status_code == 422, name
    for name in ("a", "A"):
        assert names(name=name) == ["A"]
    assert names(name="a%") == names(name="_") == []
    expected = [one for one in names() if one.isascii() and one.isalpha()]
    assert expected == ["A", "b", "C"]
    found: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(7):
        answer = client.get("/api/rooms/scroll", params={"sort": "-name", "limit": "1"} | cursor)
        found += [one["name"] for one in answer.json()["items"]]
        cursor = {"cursor": str(answer.json()["next_cursor"])}
    assert found == names()[::-1]


def follow_periods(client: httpx.Client) -> None:
    """Exclude periods that overlap: at their bounds, empty, unbounded, of deleted rows, at once."""
    rooms = [one["id"] for one in client.get("/api/rooms").json()["items"]]
    day = "2026-01-{:02}T12:00:00Z".format

    def book(room: str, first: str, last: str | None, guest: str | None = None) -> httpx.Response:
        guest = guest or secrets.token_hex(4)
        body = {"room_id": room, "guest": guest, "starts_at": first, "ends_at": last}
        return client.post("/api/bookings", json=body)

    one = book(rooms[0], day(10), day(20)).json()
    refused = book(rooms[0], day(19), day(21))
    fields = ["room_id", "starts_at", "ends_at"]
    assert (refused.status_code, refused.json()["fields"]) == (409, fields)
    assert book(rooms[0], day(20), day(21), "Ada").status_code == 201  # begins when the other ends
    assert book(rooms[0], day(9), day(10)).status_code == 201
    assert book(rooms[0], day(12), day(12)).status_code == 422  # empty
    assert book(rooms[0], day(13), day(12)).status_code == 422
    assert book(rooms[0], "2026-01-20T13:00:00+01:00", day(21)).status_code == 409
    assert book(rooms[1], day(10), day(20)).status_code == 201
    other = book(rooms[2], day(20), day(22), "Ada")  # the same guest, in another room
    assert other.json()["fields"] == ["guest", "starts_at", "ends_at"]
    assert book(rooms[0], day(25), None).status_code == 201  # has no end
    assert book(rooms[0], "9999-12-30T00:00:00Z", None).status_code == 409
    assert book(rooms[0], "0001-01-02T00:00:00Z", "9999-12-30T23:59:59.999999Z").status_code == 409
    assert client.delete(f"/api/bookings/{one['id']}").status_code == 204
    assert book(rooms[0], day(19), day(20)).status_code == 201  # the deleted one does not count
    with ThreadPoolExecutor() as threads:
        booked = [threads.submit(book, rooms[3], day(1), day(2)) for _ in range(8)]
    assert sorted(one.result().status_code for one in booked) == [201, *[409] * 7]
    for low, high, expected in ((3, 2**63 - 1, 409), (900, 2**63 - 1, 201), (899, 901, 409)):
        body = {"name": f"{low} {high}", "low": low, "high": high}
        assert client.post("/api/rooms", json=body).status_code == expected


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_user_who_may_not_create_extensions_is_told(database: Server, tmp_path: Path) -> None:
    root = render(tmp_path / "project", driver=database.driver, example=False, auth=False)
    commit_all(root)
    words = ("name:citext", "low:int", "high:int", "exclude=low..high")
    groundplan("startapp", "hotel", "Guest", *words, cwd=root)
    created = database.create_database()
    role = f"guest_{secrets.token_hex(6)}"
    execute(database.url, f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")
    try:
        execute(created, f"GRANT ALL ON SCHEMA public TO {role}")
        project = Project(root, database=created.set(username=role, password="secret"))
        failed = project.manage("migrate", expect=1)
        assert 'permission denied to create extension "btree_gist"' in failed.stderr
        execute(created, "CREATE EXTENSION citext")
        execute(created, "CREATE EXTENSION btree_gist")
        project.manage("migrate")
        project = Project(root, database=created)
        project.manage("squash")
        project.manage("makemigrations", "--check")
    finally:
        database.drop_database(created)
        execute(database.url, f"DROP ROLE {role}")


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
