"""Rows whose keys are dates, numbers, bytes, durations, or text with commas."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import AsyncClient
from support import audit, submit

from my_service.apps.archive.models import Closing, Gauge, Lag, Lap, Pair, Shift
from my_service.core.admin import AuditEntry
from my_service.core.db import transaction, utc_now

AT = datetime(2026, 1, 31, 12, 0, 0, 120_000, UTC)
ROWS = {
    "archive-closing": Closing(day=date(2026, 1, 31), note="first"),
    "archive-shift": Shift(room="a, b.c", began_at=AT, note="first"),
    "archive-pair": Pair(left=r"\,", right="x", note="first"),
    "archive-gauge": Gauge(id=5, note="first"),
    "archive-lap": Lap(chip=b"\x00,\xff\\", lead=timedelta(hours=-1), note="first"),
    "archive-lag": Lag(lead=timedelta(hours=-1), note="first"),
}
NOTHING = "No changes in the admin yet."


async def stored(*rows: Any) -> None:
    async with transaction() as session:
        for row in rows:
            await session.merge(row)


async def details(root: AsyncClient, key: str) -> list[str]:
    """Return the keys in the links of a list."""
    page = await root.get(f"/admin/{key}/list")
    assert page.status_code == 200, page.text
    links = dict.fromkeys(re.findall(r'data-sa-href="([^"]+)"', page.text))
    return [parse_qs(urlsplit(unescape(link)).query)["pk"][0] for link in links]


@pytest.mark.parametrize("key", ROWS)
async def test_a_row_is_opened_changed_chosen_and_deleted(root: AsyncClient, key: str) -> None:
    await stored(ROWS[key])
    [pk] = await details(root, key)
    page = await root.get(f"/admin/{key}/detail", params={"pk": pk})
    assert page.status_code == 200, page.text
    assert NOTHING in page.text
    url = str(root.build_request("GET", f"/admin/{key}/edit", params={"pk": pk}).url)
    answer = await submit(root, url, note="second", _continue_editing="1")
    assert answer.status_code == 303, answer.text
    assert (await root.get(answer.headers["location"])).status_code == 200
    page = await root.get(f"/admin/{key}/detail", params={"pk": pk})
    assert "first → second" in page.text
    lookup = await root.get(f"/admin/_api/{key}/relation-lookup", params={"pks": pk})
    assert lookup.json()["total"] == 1
    assert "of 1 entries" in (await root.get(f"/admin/{key}/list", params={"q": pk})).text
    action = f"/admin/_api/{key}/action"
    assert (await root.post(action, params={"pks": pk, "name": "delete"})).status_code == 200
    assert await details(root, key) == []
    assert [entry.action for entry in await audit()] == ["change", "delete"]


async def test_a_number_is_read_as_a_whole(root: AsyncClient) -> None:
    await stored(ROWS["archive-gauge"])
    for text in ("5x", "x", "9" * 19):
        answer = await root.get("/admin/archive-gauge/detail", params={"pk": text})
        assert answer.status_code == 404, answer.text
        assert (await root.get("/admin/archive-gauge/list", params={"q": text})).status_code == 200
    assert "of 1 entries" in (await root.get("/admin/archive-gauge/list?filter=id__gte=5")).text


LONG = "x" * 200
ALIKE = [
    (("a,b", "c"), ("a", "b,c")),
    (("a\\", "b"), ("a", "\\b")),
    (("a\\,b", "c"), ("a\\", "b,c")),
    ((LONG, "y" * 100 + "1"), (LONG, "y" * 100 + "2")),
]


@pytest.mark.parametrize("keys", ALIKE)
async def test_rows_do_not_share_a_history(
    root: AsyncClient, keys: tuple[tuple[str, str], tuple[str, str]]
) -> None:
    await stored(*(Pair(left=left, right=right, note="first") for left, right in keys))
    one, other = await details(root, "archive-pair")
    url = str(root.build_request("GET", "/admin/archive-pair/edit", params={"pk": one}).url)
    assert (await submit(root, url, note="second")).status_code == 303
    page = await root.get("/admin/archive-pair/detail", params={"pk": one})
    assert "first → second" in page.text
    page = await root.get("/admin/archive-pair/detail", params={"pk": other})
    assert NOTHING in page.text


async def test_the_log_of_keys_without_commas_is_as_before(root: AsyncClient) -> None:
    await stored(Pair(left="a.b", right="c", note="first"))
    about = {"model": "archive.pair", "row_key": "a.b,c", "changes": {"note": ["old", "first"]}}
    by = {"user_email": "ada@example.org", "action": "change", "created_at": utc_now()}
    async with transaction() as session:
        session.add(AuditEntry(**about, **by))
    [pk] = await details(root, "archive-pair")
    page = await root.get("/admin/archive-pair/detail", params={"pk": pk})
    assert "old → first" in page.text
