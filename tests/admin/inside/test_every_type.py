"""Every type of the generator has a form field that keeps its values."""

import json
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient
from support import Form, audit

CASES: list[tuple[str, str, list[Any]]] = json.loads(
    Path(__file__).with_name("values.json").read_text()
)
ONES = [(plural, value) for plural, _, values in CASES for value in values]
TEXTS = ("str=40", "text", "citext=40")  # any text is a value


@pytest.mark.parametrize(("plural", "value"), ONES)
async def test_a_form_that_changes_nothing_changes_nothing(
    root: AsyncClient, client: AsyncClient, plural: str, value: object
) -> None:
    made = await client.post(f"/api/{plural}", json={"value": value})
    assert made.status_code == 201, made.text
    key, one = made.json()["id"], plural.removesuffix("s")
    page = await root.get(f"/admin/types-{one}/list")
    assert page.status_code == 200, page.text
    page = await root.get(f"/admin/types-{one}/detail?pk={key}")
    assert page.status_code == 200, page.text
    url = f"/admin/types-{one}/edit?pk={key}"
    fields = Form((await root.get(url)).text).fields
    answer = await root.post(url, data=fields)
    assert answer.status_code == 303, (fields, answer.text)
    now = (await client.get(f"/api/{plural}/{key}")).json()
    assert now == made.json()
    assert await audit() == []
    del fields["_seen"]
    copied = await root.post(f"/admin/types-{one}/create", data=fields)
    assert copied.status_code == 303, copied.text
    [entry] = await audit()
    assert (await client.get(f"/api/{plural}/{entry.row_key}")).json()["value"] == now["value"]


@pytest.mark.parametrize(("plural", "spec"), [(plural, spec) for plural, spec, _ in CASES])
async def test_text_that_is_no_value_is_refused(root: AsyncClient, plural: str, spec: str) -> None:
    one, kind = plural.removesuffix("s"), spec.split(":")[1]
    if spec == "value:bool":
        return  # a box is checked or not
    for text in ("\x00", *(() if kind in TEXTS else ("2026-13-45 nothing", "{"))):
        answer = await root.post(f"/admin/types-{one}/create", data={"value": text})
        assert answer.status_code == 422, answer.text
