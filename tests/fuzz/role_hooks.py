"""Hooks for schemathesis as one kind of user: logins, keys of own and of others' rows, checks.

Schemathesis imports this module by name, in another process. `FUZZED` is the server's address,
`ROLE` anonymous, user, staff or superuser, and `PEOPLE` a file with what
`tests/auth/inside/people.py` printed.
"""

import json
import os
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import httpx
import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response

from .common import errors_are_problems, is_meant_to_be_right, success_is_documented, to_lines

ROLE = os.environ["ROLE"]
STORED: dict[str, Any] = json.loads(Path(os.environ["PEOPLE"]).read_text())
ACCESS: dict[str, str] = STORED["access"]
PASSWORD: str = STORED["password"]
OTHERS: list[dict[str, Any]] = STORED["others"]
ROLES = {
    "public": {"anonymous", "user", "staff", "superuser"},
    "login": {"user", "staff", "superuser"},
    "recent login": {"user", "staff", "superuser"},
    "staff": {"staff", "superuser"},
}
LINKS = {
    "/api/auth/confirm": "confirm",
    "/api/auth/reset/confirm": "reset",
    "/api/auth/email/confirm": "email",
}
# Headers that every answer may have; those of a refusal belong to their status.
HEADERS = {
    *("connection", "content-length", "content-type", "date", "x-request-id"),
    *("cache-control", "content-security-policy", "referrer-policy"),
    *("x-content-type-options", "x-frame-options"),
}
OF_STATUS = {
    200: {"set-cookie"},
    204: {"set-cookie"},
    401: {"www-authenticate"},
    405: {"allow"},
    429: {"retry-after"},
}
BY_DEFAULT = {400, 405, 413, 422}  # may be documented by `default` alone

client = httpx.Client(base_url=os.environ["FUZZED"], trust_env=False)
random = Random(1)
TRIED: set[str] = set()


class Current:
    """The user as whom requests are sent; another one when the session has ended."""

    def __init__(self) -> None:
        self._waiting: list[dict[str, Any]] = list(STORED["people"].get(ROLE, ()))
        self._person: dict[str, Any] | None = None

    def person(self) -> dict[str, Any]:
        if self._person is not None and get("/api/me", self._person).status_code == 200:
            return self._person
        self._person = self._waiting.pop()
        for path, row in (("/api/posts", a_post()), ("/api/accounts", AN_ACCOUNT)):
            for _ in range(2):
                client.post(path, json=row, headers=headers(self._person)).raise_for_status()
        return self._person


def headers(person: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {person['token']}"}


def get(path: str, person: dict[str, Any]) -> httpx.Response:
    return client.get(path, headers=headers(person))


def a_post() -> dict[str, Any]:
    return {"title": "A post", "body": "Of words."}


AN_ACCOUNT = {"balance": "9999999.99"}
CURRENT = Current()
LINKS_LEFT: dict[str, list[str]] = STORED["links"]
VICTIMS = [person["id"] for person in STORED["people"]["user"][:5]]  # whom staff may change


def keys(path: str) -> tuple[list[str], list[str]]:
    """Return the keys of own rows, and of rows of others, that belong into a path."""
    if ROLE == "anonymous":
        return [], theirs(path)
    person = CURRENT.person()
    if path.startswith("/api/users/"):
        return VICTIMS, []
    if path.startswith("/api/posts/"):
        posts = client.get(f"/api/posts?author_id={person['id']}").json()["items"]
        return [post["id"] for post in posts], theirs(path)
    listed = path.removesuffix("/{id}")
    answer: Any = get(listed, person).json()
    rows: list[dict[str, Any]] = answer["items"] if listed == "/api/accounts" else answer
    return [row["id"] for row in rows], theirs(path)


def theirs(path: str) -> list[str]:
    """Return keys of rows of others that belong into a path."""
    kind = path.removeprefix("/api/").removeprefix("me/").partition("/")[0]
    return [key for other in OTHERS for key in other.get(kind, ())]


def map_case(context: HookContext, case: Case[Any]) -> Case[Any]:
    """Use existing rows, addresses and links in valid requests: random ones never match."""
    if case.operation.path == "/api/auth/login" and random.random() < 0.8:
        from_own_page(case)
    first = case.operation.label not in TRIED  # which must succeed
    if is_meant_to_be_right(case) and (first or random.random() < 0.9):
        TRIED.add(case.operation.label)
        if "id" in case.path_parameters:
            own, others = keys(case.operation.path)
            chosen = others if not own or (others and not first and random.random() < 0.2) else own
            if chosen:
                case.path_parameters["id"] = random.choice(chosen)
        if isinstance(case.body, dict):
            name_known(case.operation.path, case.body, version=not first)
    return case


def from_own_page(case: Any) -> None:
    case.headers["Sec-Fetch-Site"] = "same-origin"


def name_known(path: str, body: dict[str, Any], *, version: bool) -> None:
    """Replace members of a body by ones that name something existing.

    Args:
        version: sometimes keep the random version, which hardly ever matches.
    """
    values: dict[str, Callable[[], Any]] = {
        "email": lambda: address(path),
        "password": lambda: PASSWORD,
        "current": lambda: PASSWORD,
        "new": lambda: PASSWORD,
        "token": lambda: LINKS_LEFT[LINKS[path]].pop() if LINKS_LEFT[LINKS[path]] else "used",
        "category_slugs": list,
        "parent_id": lambda: None,
        "groups": lambda: random.choice([[], ["nobody"]]),
        "from_account_id": lambda: account(own=random.random() < 0.8),
        "to_account_id": lambda: account(own=random.random() < 0.5),
    }
    body.update({name: value() for name, value in values.items() if name in body})
    if not version or random.random() < 0.5:
        body.pop("version", None)


def address(path: str) -> str:
    """Return the address of the current user for a login, else a new one."""
    if path == "/api/auth/login":
        person = STORED["people"]["user"][-1] if ROLE == "anonymous" else CURRENT.person()
        return str(person["email"])
    return f"{uuid4().hex}@example.org"


def account(*, own: bool) -> str:
    mine, others = keys("/api/accounts/{id}")
    return random.choice(mine if own and mine else others)


class Login:
    """Sends the token of the current user: mostly as a program, sometimes as a browser."""

    def get(self, case: Case[Any], context: Any) -> str | None:
        return None if ROLE == "anonymous" else CURRENT.person()["token"]

    def set(self, case: Any, data: str | None, context: Any) -> None:
        if data is None:
            return
        if random.random() < 0.3:
            case.cookies["__Host-session"] = data
            from_own_page(case)
        else:
            case.headers["Authorization"] = f"Bearer {data}"


class EachOperationIsAllowedAsDeclared:
    """The routes of a role succeed at least once, and all others never."""

    def __init__(self) -> None:
        self.statuses: dict[str, set[int]] = defaultdict(set)

    def after_response(self, context: CheckContext, response: Response, case: Case[Any]) -> None:
        self.statuses[case.operation.label].add(response.status_code)

    def after_run(self, context: CheckContext) -> None:
        for operation, statuses in self.statuses.items():
            asked = ACCESS.get(operation, "public").split(", ")
            allowed = all(ROLE in ROLES[each] for each in asked)
            succeeded = min(statuses) < 300
            assert succeeded == allowed, f"{operation} as {ROLE}: {sorted(statuses)}"


def refusals_are_documented(context: CheckContext, response: Response, case: Case[Any]) -> None:
    """Every refusal has a documented status, and no header that nothing documents."""
    status = response.status_code
    if status == 404 and response.json().get("type") == "about:blank":
        return  # a path of no route
    documented = case.operation.definition.raw["responses"]
    assert status in BY_DEFAULT or str(status) in documented, f"{status}: {sorted(documented)}"
    unknown = set(response.headers) - HEADERS - OF_STATUS.get(status, set())
    assert not unknown, f"{status} with headers {sorted(unknown)}"


def rows_of_others_stay_theirs(context: CheckContext, response: Response, case: Case[Any]) -> None:
    """No answer has a key or an address of another user that the request does not contain."""
    text = response.content.decode(errors="replace")
    sent = repr((case.path_parameters, case.query, case.body))
    for_staff = case.operation.path.startswith("/api/users")
    secret = {key for other in OTHERS for kind in OWNED for key in other[kind]}
    secret |= {other["email"] for other in OTHERS if not for_staff}
    shown = {value for value in secret if value in text and value not in sent}
    assert not shown, f"{case.operation.label} shows {sorted(shown)}"
    if response.status_code < 300 and case.method in ("PATCH", "PUT", "DELETE"):
        touched = [key for other in OTHERS for kind in (*OWNED, "posts") for key in other[kind]]
        assert case.path_parameters.get("id") not in touched, f"{case.operation.label} changed it"


OWNED = ("sessions", "tokens", "accounts")

registry: Any = schemathesis  # its types are incomplete
registry.hook(map_case)
registry.auth(refresh_interval=None)(Login)
registry.serializer("application/x-ndjson")(to_lines)
for check in (
    EachOperationIsAllowedAsDeclared,
    errors_are_problems,
    refusals_are_documented,
    rows_of_others_stay_theirs,
    success_is_documented,
):
    registry.check(check)
