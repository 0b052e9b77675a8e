"""Forms set secrets, and run the rules of the API's schemas."""

from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import select
from support import Form, audit, browser, csrf, staff, submit

from my_service.apps.archive.models import Paper
from my_service.apps.archive.service import check_door_of_paper
from my_service.core.admin import fields
from my_service.core.auth import make_hash
from my_service.core.db import transaction
from my_service.core.db.engine import get_pool

CREATE = "/admin/archive-paper/create"
GIVEN = {"title": "Charter", "word": "hush-word", "plain": "hush-plain", "depth": "7"}
PASSWORD = "seven purple rivers under the moon"


async def only_paper() -> Paper:
    async with transaction(read_only=True) as session:
        [paper] = await session.scalars(select(Paper))
        return paper


async def test_a_row_with_secrets_is_created_and_shows_none(root: AsyncClient) -> None:
    answer = await submit(root, CREATE, **GIVEN, door=PASSWORD)
    assert answer.status_code == 303, answer.text
    paper = await only_paper()
    assert (paper.word, paper.plain, paper.depth, paper.pin) == ("hush-word", "hush-plain", 7, None)
    assert paper.door is not None
    assert paper.door.startswith("$argon2id$")
    assert await check_door_of_paper(paper.id, PASSWORD)
    for page in ("detail", "edit"):
        shown = await root.get(f"/admin/archive-paper/{page}?pk={paper.id}")
        assert "hush" not in shown.text
        assert "argon2" not in shown.text
    [entry] = await audit()
    assert entry.changes.keys() == {"title", "id", "created_at", "updated_at"}


async def test_a_required_secret_must_be_given(root: AsyncClient) -> None:
    answer = await submit(root, CREATE, **{**GIVEN, "word": ""})
    assert answer.status_code == 422
    assert "This field is required." in answer.text
    assert "hush" not in answer.text


async def test_a_form_that_leaves_a_secret_empty_keeps_it(root: AsyncClient) -> None:
    assert (await submit(root, CREATE, **GIVEN, door=PASSWORD)).status_code == 303
    paper = await only_paper()
    url = f"/admin/archive-paper/edit?pk={paper.id}"
    fields = Form((await root.get(url)).text).fields
    assert (await root.post(url, data={**fields, "title": "Bill"})).status_code == 303
    now = await only_paper()
    assert (now.title, now.word, now.door) == ("Bill", "hush-word", paper.door)
    fields = Form((await root.get(url)).text).fields
    assert (await root.post(url, data={**fields, "word": "new", "depth": "8"})).status_code == 303
    now = await only_paper()
    assert (now.word, now.depth, now.door) == ("new", 8, paper.door)
    assert (await audit())[-1].changes == {"word": ["…", "…"], "depth": ["…", "…"]}
    page = await root.get(f"/admin/archive-paper/detail?pk={paper.id}")
    assert "word<br>" in page.text


@pytest.mark.commits
async def test_no_connection_is_held_while_a_password_is_hashed(
    isolated: None, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []

    async def noted(password: str) -> str:
        held.append(get_pool().checkedout())
        return await make_hash(password)

    monkeypatch.setattr(fields, "make_hash", noted)
    who = await staff(*(f"archive.paper.{each}" for each in ("view", "add", "change")))
    async with browser(app, who) as client:
        await csrf(client)
        answer = await submit(client, CREATE, **GIVEN, door=PASSWORD)
        assert answer.status_code == 303, answer.text
        paper = await only_paper()
        url = f"/admin/archive-paper/edit?pk={paper.id}"
        form = Form((await client.get(url)).text).fields
        answer = await client.post(url, data={**form, "door": f"{PASSWORD} again"})
        assert answer.status_code == 303, answer.text
    assert held == [0, 0]
    assert await check_door_of_paper(paper.id, f"{PASSWORD} again")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"door": "short"}, "String should have at least 12 characters"),
        ({"door": "password1234"}, "Use a longer password"),
        ({"depth": "deep"}, "Input should be a valid integer"),
        ({"word": "x" * 300}, "String should have at most 255 characters"),
        ({"by_id": "x"}, "Input should be a valid UUID"),
        ({"title": "Untitled"}, "Give it a title."),
        ({"pages": "3"}, "A paper with pages needs a contact."),
    ],
)
async def test_the_rules_of_the_api_hold(
    root: AsyncClient, given: dict[str, Any], message: str
) -> None:
    answer = await submit(root, CREATE, **{**GIVEN, **given})
    assert answer.status_code == 422, answer.text
    assert message in answer.text
    assert await audit() == []


async def test_a_rule_for_several_fields_sees_those_that_a_form_does_not_change(
    root: AsyncClient,
) -> None:
    made = await submit(root, CREATE, **GIVEN, contact="ada@example.org", pages="3")
    assert made.status_code == 303, made.text
    url = f"/admin/archive-paper/edit?pk={(await only_paper()).id}"
    fields = Form((await root.get(url)).text).fields
    answer = await root.post(url, data={**fields, "contact": ""})
    assert answer.status_code == 422
    assert "A paper with pages needs a contact." in answer.text
    answer = await root.post(url, data={**fields, "title": "Two  words"})
    assert answer.status_code == 303, answer.text
    assert (await only_paper()).title == "Two words"


async def test_a_reference_that_is_never_shown_is_set(root: AsyncClient) -> None:
    users = (await root.get("/admin/_api/users-user/relation-lookup")).json()["items"]
    answer = await submit(root, CREATE, **GIVEN, by_id=users[0]["id"])
    assert answer.status_code == 303, answer.text
    assert str((await only_paper()).by_id) == users[0]["id"]
    nobody = "00000000-0000-7000-8000-000000000000"
    again = await submit(root, CREATE, **{**GIVEN, "plain": "other", "title": "B"}, by_id=nobody)
    assert again.status_code == 422
