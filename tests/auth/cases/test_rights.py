"""What users can do to each other, to other people's rows, and to fields that are not theirs to set."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from routes import PRIVATE, ROUTES, Route
from sqlalchemy import select
from support import Clock, bearer, stored, user_of

from my_service.core.auth import Group, GroupMember, SecurityEvent, Token, TokenKind, record
from my_service.core.db import transaction
from my_service.settings import settings

OPEN = {"POST /api/posts/{id}/comments"}  # on rows of others, on purpose
# A row of each collection, and a valid change. A route that needs more fails until it is listed.
ROWS: dict[str, dict[str, Any]] = {
    "/api/accounts": {"balance": "5.00"},
    "/api/me/tokens": {"name": "ci"},
    "/api/posts": {"title": "Hers", "body": "Of Ada."},
}
CHANGES: dict[str, dict[str, Any]] = {"PATCH /api/posts/{id}": {"title": "Mine"}}

FOR_USERS = ("login", "recent login")
OWNED = [
    route
    for route in PRIVATE
    if "{id}" in route.path and route.access in FOR_USERS and route.name not in OPEN
]
STAFF = [route for route in PRIVATE if route.access not in FOR_USERS]
RECENT = [route for route in PRIVATE if "recent login" in route.access]


def ids(route: Route) -> str:
    return route.name


@pytest.mark.parametrize("route", OWNED, ids=ids)
async def test_rows_of_others_are_not_found(page: AsyncClient, route: Route) -> None:
    of_ada, of_eve = await bearer(await stored()), await bearer(await stored("eve@example.org"))
    collection = route.path.partition("/{id}")[0]
    if collection in ROWS:
        made = await page.post(collection, json=ROWS[collection], headers=of_ada)
        assert made.status_code == 201
        key = made.json()["id"]
    else:
        key = (await page.get(collection, headers=of_ada)).json()[0]["id"]
    before = (await page.get(collection, headers=of_ada)).json()
    path, change = route.path.replace("{id}", key), CHANGES.get(route.name)
    answer = await page.request(route.method, path, json=change, headers=of_eve)
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:problem:not-found")
    assert (await page.get(collection, headers=of_ada)).json() == before
    answer = await page.request(route.method, path, json=change, headers=of_ada)
    assert answer.is_success


@pytest.mark.parametrize("route", STAFF, ids=ids)
async def test_users_and_staff_need_what_a_route_asks(page: AsyncClient, route: Route) -> None:
    """Users are refused by routes for staff, and staff by routes for a permission."""
    callers = [await stored()]
    if "staff" not in route.access:
        callers.append(await stored("staff@example.org", is_staff=True))
    for caller in callers:
        headers = await bearer(caller)
        answer = await page.request(route.method, route.sample, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:problem:forbidden")


@pytest.mark.parametrize("route", RECENT, ids=ids)
async def test_api_tokens_and_old_logins_are_not_recent(
    page: AsyncClient, clock: Clock, route: Route
) -> None:
    user = await stored(is_superuser=True)
    expected = (403, "urn:problem:reauthentication-required")
    old, token = await bearer(user), await bearer(user, TokenKind.API)
    clock.later(minutes=settings.auth_recent_minutes, seconds=1)
    for headers in (old, token):
        answer = await page.request(route.method, route.sample, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == expected


COLUMNS = {
    *("id", "email", "is_staff", "is_superuser", "is_active", "confirmed_at", "password_hash"),
    *("password", "groups", "kind", "token_kind", "authenticated_at", "expires_at", "user_id"),
    *("owner_id", "author_id", "author", "status", "slug", "created_at", "updated_at", "balance"),
}


async def test_no_route_takes_fields_that_it_does_not_declare(
    app: FastAPI, page: AsyncClient
) -> None:
    """Mass assignment: each undeclared column is an error of its own, as a superuser too."""
    headers = await bearer(await stored(is_superuser=True))
    document = app.openapi()
    tried = 0
    for route in ROUTES:
        body = document["paths"][route.path][route.method.lower()].get("requestBody")
        if body is None or "application/json" not in body["content"]:
            continue
        schema = body["content"]["application/json"]["schema"]
        name = schema["$ref"].rpartition("/")[2]
        planted = COLUMNS - document["components"]["schemas"][name]["properties"].keys()
        json = dict.fromkeys(planted, True)
        answer = await page.request(route.method, route.sample, json=json, headers=headers)
        assert answer.status_code == 422, route.name
        errors = answer.json()["errors"]
        refused = {error["loc"][-1] for error in errors if error["type"] == "extra_forbidden"}
        assert refused == planted, route.name
        tried += 1
    assert tried >= 15
    line = b'{"title": "A post", "body": "Of words.", "author_id": "x"}'
    kind = {"Content-Type": "application/x-ndjson"}
    answer = await page.post("/api/posts/import", content=line, headers=headers | kind)
    assert answer.status_code == 422
    assert "author_id" in str(answer.json()["errors"])
    assert not (await page.get("/api/posts")).json()["items"]


async def test_staff_without_rights_cannot_rise(page: AsyncClient) -> None:
    staff = await stored("staff@example.org", is_staff=True)
    root = await stored("root@example.org", is_superuser=True)
    ada = await stored()
    headers = await bearer(staff)
    rises = ({"is_superuser": True}, {"is_staff": True}, {"groups": ["admins"]})
    for target in (staff, ada, root):
        for body in (*rises, {"is_active": True, "is_superuser": True}):
            path = f"/api/users/{target.id}"
            answer = await page.patch(path, json=body, headers=headers)
            assert (answer.status_code, answer.json()["type"]) == (403, "about:blank")
    answer = await page.patch(f"/api/users/{root.id}", json={"is_active": False}, headers=headers)
    assert answer.status_code == 403
    assert (await user_of("root@example.org")).is_active
    assert not (await user_of("staff@example.org")).is_superuser


async def test_superusers_set_groups(page: AsyncClient) -> None:
    ada, headers = await stored(), await bearer(await stored("root@example.org", is_superuser=True))
    async with transaction() as session:
        session.add_all([Group(name=name) for name in ("editors", "writers")])
    for names, status in ((["editors", "writers"], 200), (["nobody"], 404), ([], 200)):
        body = {"groups": names}
        answer = await page.patch(f"/api/users/{ada.id}", json=body, headers=headers)
        assert answer.status_code == status
        async with transaction(read_only=True) as session:
            members = await session.scalars(select(GroupMember.user_id))
            assert len(members.all()) == (0 if names == [] else 2)


async def test_the_last_superuser_stays(page: AsyncClient) -> None:
    root = await stored("root@example.org", is_superuser=True)
    await stored("former@example.org", is_superuser=True, is_active=False)
    headers = await bearer(root)
    for body in ({"is_superuser": False}, {"is_active": False}):
        answer = await page.patch(f"/api/users/{root.id}", json=body, headers=headers)
        assert answer.status_code == 409
    assert (await page.request("DELETE", "/api/me", headers=headers)).status_code == 409


async def test_keys_of_another_kind_of_token_are_not_found(page: AsyncClient) -> None:
    ada = await stored()
    headers = await bearer(ada)
    await bearer(ada, TokenKind.API)
    async with transaction(read_only=True) as session:
        keys = {token.kind: token.id for token in await session.scalars(select(Token))}
    for path, kind in (("sessions", TokenKind.API), ("tokens", TokenKind.SESSION)):
        answer = await page.delete(f"/api/me/{path}/{keys[kind]}", headers=headers)
        assert answer.status_code == 404
    assert (await page.get("/api/me", headers=headers)).status_code == 200


async def test_events_hold_rights_and_no_other_field_of_a_user(isolated: None) -> None:
    """A service may add any field to its users, which those who change rights can set."""
    details: dict[str, Any] = {"is_staff": True, "groups": ["editors"], "pin": "1234"}
    await record("rights_changed", user_id=None, **details)
    await record("moved", user_id=None, team=UUID(int=1), day=date(2026, 1, 2), event="fair")
    async with transaction(read_only=True) as session:
        events = await session.scalars(select(SecurityEvent))
        assert {event.kind: event.details for event in events} == {
            "rights_changed": {**details, "pin": "***"},
            "moved": {"team": str(UUID(int=1)), "day": "2026-01-02", "event": "fair"},
        }
