"""Rows of models with SoftDelete, and columns that are hidden."""

from httpx import AsyncClient
from support import audit

from my_service.apps.archive.models import Paper, Sheet
from my_service.core.db import transaction

LIST = "/admin/archive-paper/list"
ACTION = "/admin/_api/archive-paper/row-action"


async def stored(title: str) -> Paper:
    async with transaction() as session:
        session.add(paper := Paper(title=title, pin="4711"))
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


async def test_a_hidden_column_is_on_no_page_and_not_in_the_log(root: AsyncClient) -> None:
    paper = await stored("Constitution")
    pk = {"pk": str(paper.id)}
    for page in ("detail", "edit"):
        answer = await root.get(f"/admin/archive-paper/{page}", params=pk)
        assert answer.status_code == 200
        assert "4711" not in answer.text
    assert "4711" not in (await root.get(LIST)).text
    export = "/admin/_api/archive-paper/action"
    answer = await root.post(
        export,
        params={"pks": str(paper.id), "name": "export"},
        data={"format": "json", "scope": "selected", "fields": ["title", "pin"]},
    )
    assert "Constitution" in answer.text
    assert "4711" not in answer.text
    assert (await root.post(ACTION, params={**pk, "name": "delete"})).status_code == 200
    assert (await root.post(ACTION, params={**pk, "name": "purge"})).status_code == 200
    assert all("pin" not in entry.changes for entry in await audit())
