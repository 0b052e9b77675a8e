"""Checks sorted lists: pages and scrolls, both directions, with NULLs, ties and boundary values."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import httpx
from pydantic import TypeAdapter

from groundplan.fields.names import plural_of

from .cases import Case

READ: dict[str, TypeAdapter[Any]] = {  # sort keys that JSON has as text
    "date": TypeAdapter(date),
    "datetime": TypeAdapter(datetime),
    "decimal": TypeAdapter(Decimal),
    "duration": TypeAdapter(timedelta),
    "time": TypeAdapter(time),
}


def assert_sorted(case: Case, client: httpx.Client) -> None:
    """Check that an empty list can be sorted by the case's field, or that the sort is refused."""
    address = f"/api/{plural_of(case.name)}"
    if not case.is_sorted:
        for path in (address, f"{address}/scroll"):
            answer = client.get(path, params={"sort": case.key})
            assert answer.status_code == 422, (case, answer.text)
        return
    bodies: list[dict[str, Any]] = [{case.key: value} for value in case.taken]
    if case.modifier in ("made", "readonly"):
        bodies = [{}, {}]
    elif case.modifier != "unique":
        bodies += bodies[::-1]  # ties
    made = [client.post(address, json=body).json() for body in bodies]
    for sort in (case.key, f"-{case.key}"):
        expected = in_order(case, made, descending=sort != case.key)
        page = client.get(address, params={"sort": sort, "per_page": 100}).json()
        assert page["items"] == expected, (case, sort)
        for limit in (1, 3):
            assert scrolled(client, address, sort=sort, limit=limit) == expected, (case, sort)
    for row in made:
        assert client.delete(f"{address}/{row['id']}").status_code == 204


def in_order(case: Case, rows: list[Any], *, descending: bool) -> list[Any]:
    """Sort in Python: ties by key in the same direction, and NULLs last."""
    rows = sorted(rows, key=lambda row: row["id"], reverse=descending)
    values = [row for row in rows if row[case.key] is not None]
    nulls = [row for row in rows if row[case.key] is None]
    adapter = READ.get(case.kind)

    def key(row: Any) -> Any:
        value = row[case.key]
        return value if adapter is None else adapter.validate_python(value)

    return sorted(values, key=key, reverse=descending) + nulls


def scrolled(client: httpx.Client, address: str, **params: Any) -> list[Any]:
    """Return the rows of all parts of a scroll; no part may be empty."""
    found: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        answer = client.get(f"{address}/scroll", params=params | cursor)
        assert answer.status_code == 200, answer.text
        part = answer.json()
        assert part["items"]
        found += part["items"]
        if part["next_cursor"] is None:
            return found
        cursor = {"cursor": part["next_cursor"]}
