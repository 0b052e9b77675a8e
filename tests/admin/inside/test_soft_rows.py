"""Rows of models with SoftDelete, and columns that are hidden."""

import re
from collections.abc import Generator, Sequence
from hashlib import sha256
from typing import Annotated, Any

import pytest
from httpx import AsyncClient
from pydantic import Field
from sqlalchemy import select
from support import Form, audit

from my_service.apps.archive.models import Paper, Sheet
from my_service.apps.users.models import User
from my_service.core.admin import AuditEntry, ModelAdmin, naming
from my_service.core.db import transaction
from my_service.core.web import Schema

SECRETS = {
    "word": "hush-word",
    "plain": "hush-plain",
    "pin": "hush-pin",
    "depth": "8675309",
    "door": "hush-door",
}
HIDDEN = (*SECRETS, "by", "by_id", "marks", "mark_ids")
FORMS = ("create", "edit")  # which set some of these columns, and do not show them

LIST = "/admin/archive-paper/list"
ACTION = "/admin/_api/archive-paper/row-action"


async def stored(title: str, **columns: str) -> Paper:
    values = SECRETS | {"depth": int(SECRETS["depth"])} | columns
    async with transaction() as session:
        session.add(paper := Paper(title=title, **values))
        await session.flush()
        return paper


async def test_a_row_is_marked_restored_and_deleted_for_good(root: AsyncClient) -> None:
    paper = await stored("Constitution")
    pk = {"pk": str(paper.id)}
    assert "Constitution" in (await root.get(LIST)).text
    assert (await root.post(ACTION, params={**pk, "name": "restore"})).status_code == 400
    assert (await root.post(ACTION, params={**pk, "name": "purge"})).status_code == 400
    assert (await root.post(ACTION, params={**pk, "name": "delete"})).status_code == 200
    page = await root.get(LIST)
    assert "Constitution" not in page.text
    assert "of 0 entries" in page.text
    page = await root.get(f"{LIST}?deleted=1")
    assert "Constitution" in page.text
    assert "of 1 entries" in page.text
    detail = await root.get("/admin/archive-paper/detail", params=pk)
    assert detail.status_code == 200
    assert (await root.post(ACTION, params={**pk, "name": "restore"})).status_code == 200
    assert "Constitution" in (await root.get(LIST)).text
    assert (await root.post(ACTION, params={**pk, "name": "delete"})).status_code == 200
    assert (await root.post(ACTION, params={**pk, "name": "purge"})).status_code == 200
    async with transaction(read_only=True) as session:
        found = await session.get(Paper, paper.id, execution_options={"include_deleted": True})
        assert found is None
    assert [entry.action for entry in await audit()] == ["change"] * 3 + ["delete"]


async def test_a_row_that_others_refer_to_is_not_deleted_for_good(root: AsyncClient) -> None:
    paper = await stored("Constitution")
    async with transaction() as session:
        session.add(Sheet(paper_id=paper.id))
    pk = {"pk": str(paper.id)}
    assert (await root.post(ACTION, params={**pk, "name": "delete"})).status_code == 200
    answer = await root.post(ACTION, params={**pk, "name": "purge"})
    assert answer.status_code == 400
    assert answer.json() == {"msg": "Other rows refer to this one. Change or delete them first."}


EXPORT = "/admin/_api/archive-paper/action"


async def test_what_the_api_never_shows_is_on_no_page_and_not_in_the_log(
    root: AsyncClient,
) -> None:
    paper = await stored("Constitution")
    pk = {"pk": str(paper.id)}
    edit = await root.get("/admin/archive-paper/edit", params=pk)
    names = [*HIDDEN, *SECRETS.values(), "title"]
    pages = [
        edit,
        await root.get("/admin/archive-paper/detail", params=pk),
        await root.get("/admin/archive-paper/create"),
        await root.get(LIST),
        await root.get("/admin/_api/archive-paper/relation-lookup"),
        *[
            await root.post(
                EXPORT,
                params={"pks": str(paper.id), "name": "export"},
                data={"format": kind, "scope": "selected", "fields": names},
            )
            for kind in ("csv", "json")
        ],
    ]
    for page in pages:
        assert page.status_code == 200, page.text
        assert not [value for value in SECRETS.values() if value in page.text]
        if not page.url.path.endswith(FORMS):
            assert not [name for name in HIDDEN if re.search(rf"\b{name}\b", page.text)]
    for name, value in SECRETS.items():
        inline = await root.get(
            "/admin/_api/archive-paper/inline-edit", params={**pk, "field": name}
        )
        assert inline.status_code >= 400
        assert value not in inline.text
        for found in (f"q={value}", f"filter={name}:eq:{value}", f"sort={name}__asc"):
            assert "Constitution" not in (await root.get(f"{LIST}?q=nothing&{found}")).text
        assert "Constitution" not in (await root.get(f"{LIST}?q={value}")).text
    fields = {**Form(edit.text).fields, "title": "Charter", "by": "x", "marks": "x"}
    assert {name: fields.get(name) for name in SECRETS} == dict.fromkeys(SECRETS, "")
    answer = await root.post("/admin/archive-paper/edit", params=pk, data=fields)
    assert answer.status_code == 303, answer.text
    assert (await root.post(ACTION, params={**pk, "name": "delete"})).status_code == 200
    async with transaction(read_only=True) as session:
        now = await session.get_one(Paper, paper.id, execution_options={"include_deleted": True})
        assert {name: str(getattr(now, name)) for name in SECRETS} == SECRETS
    assert (await root.post(ACTION, params={**pk, "name": "purge"})).status_code == 200
    entries = await audit()
    assert entries[0].changes == {"title": ["Constitution", "Charter"]}
    for entry in entries:
        assert not {*HIDDEN} & entry.changes.keys()


async def test_what_was_shown_once_and_is_hidden_now_is_not_in_the_history(
    root: AsyncClient,
) -> None:
    paper = await stored("Constitution")
    edit = f"/admin/archive-paper/edit?pk={paper.id}"
    fields = Form((await root.get(edit)).text).fields
    assert (await root.post(edit, data={**fields, "title": "Charter"})).status_code == 303
    async with transaction() as session:
        [entry] = await session.scalars(select(AuditEntry))
        entry.changes = {**entry.changes, "word": ["hush-old", "hush-word"]}
    page = await root.get(f"/admin/archive-paper/detail?pk={paper.id}")
    assert "title: Constitution → Charter" in page.text
    assert "hush" not in page.text


async def test_a_secret_has_no_hash_in_a_form(root: AsyncClient) -> None:
    paper = await stored("Constitution")
    page = await root.get("/admin/archive-paper/edit", params={"pk": str(paper.id)})
    for value in SECRETS.values():
        assert sha256(repr(value).encode()).hexdigest()[:16] not in page.text


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("contact", "nobody", "String should match pattern"),
        ("site", "javascript:alert(1)", "String should match pattern"),
        ("pages", "0", "Input should be greater than or equal to 1"),
        ("kind", "A4", "String should match pattern"),
        ("title", " ", "String should match pattern"),
    ],
)
async def test_a_form_takes_what_the_api_takes(
    root: AsyncClient, name: str, value: str, message: str
) -> None:
    paper = await stored("Constitution")
    url = f"/admin/archive-paper/edit?pk={paper.id}"
    page = await root.get(url)
    answer = await root.post(url, data={**Form(page.text).fields, name: value})
    assert answer.status_code == 422, answer.text
    assert message in answer.text
    assert await audit() == []


async def test_a_form_stores_what_the_api_stores(root: AsyncClient) -> None:
    paper = await stored("Constitution")
    url = f"/admin/archive-paper/edit?pk={paper.id}"
    page = await root.get(url)
    fields = {**Form(page.text).fields, "contact": " Ada@Example.org ", "title": " A "}
    assert (await root.post(url, data=fields)).status_code == 303
    [entry] = await audit()
    assert entry.changes == {
        "contact": [None, "ada@example.org"],
        "title": ["Constitution", "A"],
    }


async def test_a_stored_value_that_the_api_would_refuse_does_not_stop_an_edit(
    root: AsyncClient,
) -> None:
    paper = await stored("Constitution", contact="nobody")
    url = f"/admin/archive-paper/edit?pk={paper.id}"
    page = await root.get(url)
    answer = await root.post(url, data={**Form(page.text).fields, "pages": "3"})
    assert answer.status_code == 303, answer.text
    assert [entry.changes for entry in await audit()] == [{"pages": [None, 3]}]


class Declared(ModelAdmin):
    model = Paper
    columns: Sequence[str] = ("title", "plain")
    readonly = ("by",)


class Narrower(Declared):
    columns = ("title",)


class Searched(ModelAdmin):
    model = Paper
    search = ("plain",)


class Called(ModelAdmin):
    model = Paper
    shown_as = "plain"


class Ordered(ModelAdmin):
    model = Paper
    order = "-plain"


@pytest.fixture
def keys() -> Generator[dict[type[Any], str]]:
    before = naming.HIDDEN[Paper]
    yield {Paper: "archive-paper", User: "users-user"}
    naming.HIDDEN[Paper] = before


@pytest.mark.parametrize("view", [Declared, Narrower])
def test_columns_that_a_view_lists_are_shown(
    keys: dict[type[Any], str], view: type[ModelAdmin]
) -> None:
    fields = {field.name: field for field in view(keys, {}).fields}
    shown = {name for name, field in fields.items() if not field.exclude_from_detail}
    assert {*HIDDEN} & shown == {"plain", "by"}
    assert fields["by"].exclude_from_edit
    assert fields["by"].exclude_from_create
    assert not fields["plain"].exclude_from_edit


@pytest.mark.parametrize(
    ("view", "attribute", "what"),
    [
        (Searched, "search", "a text column"),
        (Called, "shown_as", "a field"),
        (Ordered, "order", "a column"),
    ],
)
def test_a_column_that_is_not_shown_is_refused(
    keys: dict[type[Any], str], view: type[ModelAdmin], attribute: str, what: str
) -> None:
    message = (
        f"{view.__name__}.{attribute} lists 'plain', which is not {what} of Paper. Use one of "
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        view(keys, {})


def test_a_field_that_answers_leave_out_is_not_shown() -> None:
    class Left(Schema):
        plain: Annotated[str, Field(exclude=True)]

    Left.__name__, Left.__module__ = "PaperRead", Paper.__module__
    assert naming.schemas_of(Paper, "Read")[-1] is Left
    assert "plain" in naming.unread(Paper)
    assert "title" not in naming.unread(Paper)
