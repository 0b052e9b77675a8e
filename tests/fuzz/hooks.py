"""Hooks for schemathesis: keys of existing rows, NDJSON bodies, and further checks.

Schemathesis imports this module by name, in another process. `FUZZED` is the server's address, and
`AUTHORIZATION` the header of a member of staff.
"""

import os
from collections import defaultdict
from collections.abc import Callable
from random import Random
from typing import Any

import httpx
import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response

from .common import errors_are_problems, is_meant_to_be_right, success_is_documented, to_lines

CATEGORIES = ["maths", "poetry"]

client = httpx.Client(
    base_url=os.environ["FUZZED"],
    headers={"Authorization": os.environ["AUTHORIZATION"]},
    trust_env=False,
)


class Rows:
    """Keys of some rows; rows that the tests have deleted are replaced."""

    def __init__(self, path: str, make: Callable[[], dict[str, object]]) -> None:
        self.path = path
        self._make = make
        self._keys = [self.new() for _ in range(3)]

    def new(self) -> Any:
        """Create another row, and return its key."""
        answer = client.post(self.path, json=self._make())
        return answer.raise_for_status().json()["id"]

    def sample(self, count: int, random: Random) -> list[Any]:
        """Return the keys of some existing rows."""
        for place, key in enumerate(self._keys):
            if client.get(f"{self.path}/{key}").status_code == 404:
                self._keys[place] = self.new()
        return random.sample(self._keys, count)

    def one(self, random: Random) -> Any:
        return self.sample(1, random)[0]


def a_post() -> dict[str, object]:
    return {"title": "A post", "body": "Of words."}


def an_account() -> dict[str, object]:
    return {"balance": "9999999999999.99"}


POSTS = Rows("/api/posts", a_post)
ACCOUNTS = Rows("/api/accounts", an_account)
ROWS = (POSTS, ACCOUNTS)
for slug in CATEGORIES:
    client.put(f"/api/categories/{slug}", json={"name": slug}).raise_for_status()


def map_case(context: HookContext, case: Case[Any]) -> Case[Any]:
    """Use the keys of existing rows in valid requests: random keys never match one."""
    random = Random(repr((case.path_parameters, case.query, case.body)))
    if is_meant_to_be_right(case) and random.random() < 0.9:
        path = case.operation.path
        if "id" in case.path_parameters:
            rows = next(rows for rows in ROWS if path.startswith(rows.path))
            case.path_parameters["id"] = rows.new() if case.method == "DELETE" else rows.one(random)
        if isinstance(case.body, dict):
            name_rows(case.body, random)
    return case


def name_rows(body: dict[str, Any], random: Random) -> None:
    """Replace the random keys in a body by keys of existing rows."""
    source, target = ACCOUNTS.sample(2, random)
    rows: dict[str, Any] = {
        "category_slugs": random.sample(CATEGORIES, random.randint(0, 2)),
        "from_account_id": source,
        "to_account_id": target,
        "parent_id": None,
    }
    body.update({name: row for name, row in rows.items() if name in body})
    if random.random() < 0.5:
        body.pop("version", None)  # a random version hardly ever matches the post's


class EachOperationIsReached:
    """Each operation succeeds at least once; otherwise only its validation would be tested."""

    def __init__(self) -> None:
        self.statuses: dict[str, set[int]] = defaultdict(set)

    def after_response(self, context: CheckContext, response: Response, case: Case[Any]) -> None:
        self.statuses[case.operation.label].add(response.status_code)

    def after_run(self, context: CheckContext) -> None:
        refused = {
            operation: sorted(statuses)
            for operation, statuses in self.statuses.items()
            if min(statuses) >= 300
        }
        assert not refused, f"these never succeeded: {refused}"


registry: Any = schemathesis  # its types are incomplete
registry.hook(map_case)
registry.serializer("application/x-ndjson")(to_lines)
for check in (EachOperationIsReached, success_is_documented, errors_are_problems):
    registry.check(check)
