"""Actions on several rows."""

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import select
from support import audit, browser, csrf, staff

from my_service.apps.archive.models import Paper
from my_service.core.db import transaction

LIST = "/admin/archive-paper/list"
ACTION = "/admin/_api/archive-paper/action"
ALL = {"all": "1", "_list_query": "?q=C"}
DELETED = {"all": "1", "_list_query": "?q=C&deleted=1"}


async def stored(*titles: str) -> list[str]:
    values = {"word": "hush", "depth": 1}
    async with transaction() as session:
        papers = [Paper(title=each, plain=each, **values) for each in titles]
        session.add_all(papers)
        await session.flush()
        return [str(paper.id) for paper in papers]


async def titles() -> dict[str, bool]:
    """Of all rows, and whether each is deleted."""
    statement = select(Paper).execution_options(include_deleted=True)
    async with transaction(read_only=True) as session:
        papers = await session.scalars(statement)
        return {paper.title: paper.deleted_at is not None for paper in papers}


async def test_rows_are_deleted_restored_and_purged_at_once(root: AsyncClient) -> None:
    keys = await stored("Charter", "Code", "Bill")
    for name, deleted in (("delete", True), ("restore", False), ("delete", True)):
        answer = await root.post(ACTION, params={"name": name, "pks": keys[:2]})
        assert answer.status_code == 200, answer.text
        assert await titles() == {"Charter": deleted, "Code": deleted, "Bill": False}
    answer = await root.post(ACTION, params={"name": "purge", "pks": keys})
    assert answer.status_code == 200, answer.text
    assert await titles() == {"Bill": False}
    assert len(await audit()) == 8


async def test_all_rows_of_a_list_are_those_that_it_shows(root: AsyncClient) -> None:
    await stored("Charter", "Code", "Bill")
    assert (await root.post(ACTION, params={"name": "delete", **ALL})).status_code == 200
    assert await titles() == {"Charter": True, "Code": True, "Bill": False}
    await stored("Creed")
    assert (await root.post(ACTION, params={"name": "restore", **ALL})).status_code == 200
    assert await titles() == {"Charter": True, "Code": True, "Bill": False, "Creed": False}
    found = {"format": "json", "scope": "matching", "fields": ["title"]}
    answer = await root.post(ACTION, params={"name": "export", **DELETED}, data=found)
    assert len(answer.json()) == 2
    assert "Creed" not in answer.text
    assert (await root.post(ACTION, params={"name": "purge", **DELETED})).status_code == 200
    assert await titles() == {"Bill": False, "Creed": False}


@pytest.mark.parametrize("name", ["delete", "restore", "purge"])
async def test_staff_without_the_permission_delete_and_restore_nothing(
    isolated: None, app: FastAPI, name: str
) -> None:
    keys = await stored("Charter")
    async with browser(app, await staff("archive.paper.view", "archive.paper.change")) as client:
        await csrf(client)
        answer = await client.post(ACTION, params={"name": name, "pks": keys})
    assert answer.status_code == 400
    assert await titles() == {"Charter": False}
