"""How an owner's routes use the mechanism: WebSockets, sessions before the user, other hashes."""

from collections.abc import MutableMapping
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from fastapi import Depends, FastAPI, HTTPException, Request, WebSocket
from httpx import AsyncClient
from pydantic import ValidationError
from support import PASSWORD, WRONG, Clock, Transport, bearer, log_in, stored, user_of

from my_service.apps.users.access import CurrentUser, OptionalUser, requires
from my_service.core.auth import TokenKind, UserPermission, issue, limits, passwords
from my_service.core.db import transaction
from my_service.core.management.checks.auth import trusted_origins_can_match
from my_service.core.settings import CoreSettings
from my_service.core.web import Router, SessionDep
from my_service.core.web.errors import EXCEPTION_HANDLERS


@pytest.fixture
def own_app(isolated: None) -> FastAPI:
    """An application with a WebSocket, and a route that declares its session first."""
    router = Router()

    @router.get("/session-first")
    async def session_first(session: SessionDep, user: CurrentUser) -> str:
        return user.email

    @router.post("/whose-keys")
    async def whose_keys(user: OptionalUser, request: Request) -> str:
        return str(getattr(request.state, "user_id", None))

    @router.post("/ship", dependencies=[Depends(requires("shop.order.ship"))])
    async def ship() -> None:
        pass

    app = FastAPI(exception_handlers=dict(EXCEPTION_HANDLERS))
    app.include_router(router)

    @app.websocket("/socket")
    async def socket(websocket: WebSocket, user: CurrentUser) -> None:
        await websocket.accept()
        await websocket.close()

    return app


async def handshake(app: FastAPI, **headers: str) -> MutableMapping[str, Any]:
    """The first message of an answer to a WebSocket handshake."""
    scope: dict[str, Any] = {
        "type": "websocket",
        "scheme": "wss",
        "path": "/socket",
        "root_path": "",
        "query_string": b"",
        "subprotocols": [],
        "client": ("203.0.113.7", 50_000),
        "headers": [
            (name.replace("_", "-").encode(), value.encode())
            for name, value in {"host": "localhost", **headers}.items()
        ],
        "extensions": {"websocket.http.response": {}},
    }
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]


async def test_a_websocket_of_another_website_is_refused(own_app: FastAPI) -> None:
    authorization = (await bearer(await stored()))["Authorization"]
    cookie = f"__Host-session={authorization[7:]}"
    own = await handshake(own_app, cookie=cookie, origin="https://localhost")
    assert own["type"] == "websocket.accept"
    program = await handshake(own_app, authorization=authorization)
    assert program["type"] == "websocket.accept"
    for origin in ("https://evil.example", "null", "http://["):
        refused = await handshake(own_app, cookie=cookie, origin=origin)
        assert (refused["type"], refused["status"]) == ("websocket.http.response.start", 403)
    for headers in ({"cookie": cookie}, {"cookie": cookie, "sec_fetch_site": "cross-site"}):
        assert (await handshake(own_app, **headers))["status"] == 403
    assert (await handshake(own_app, origin="https://localhost"))["status"] == 401


def test_openapi_documents_how_callers_authenticate(app: FastAPI) -> None:
    app.openapi()
    document: Any = app.openapi()  # which FastAPI keeps
    schemes = document["components"]["securitySchemes"]
    assert schemes["bearer"]["scheme"] == "bearer"
    assert schemes["cookie"] == {"type": "apiKey", "in": "cookie", "name": "__Host-session"}
    for path in ("/api/me", "/api/users"):
        assert document["paths"][path]["get"]["security"] == [{"bearer": []}, {"cookie": []}]
    assert "security" not in document["paths"]["/api/auth/login"]["post"]


async def test_a_session_is_prolonged_in_a_unit_that_only_reads(
    own_app: FastAPI, clock: Clock
) -> None:
    user = await stored()
    _, token = await issue(user.id, TokenKind.SESSION, timedelta(days=1))
    clock.later(hours=2)
    transport = Transport(own_app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {token}"}
    async with AsyncClient(transport=transport, base_url="https://localhost") as client:
        answer = await client.get("/session-first", headers=headers)
    assert (answer.status_code, answer.json()) == (200, user.email)


async def test_a_hash_of_another_system_is_replaced_at_the_first_login(
    page: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def matches(password: str, stored: str) -> bool:
        return stored == f"reversed${password[::-1]}"

    monkeypatch.setitem(passwords.verifiers, "reversed$", matches)
    await stored(password_hash=f"reversed${PASSWORD[::-1]}")
    assert (await log_in(page, password=WRONG)).status_code == 401
    for _ in range(2):
        assert (await log_in(page)).status_code == 200
        assert not passwords.needs_rehash(str((await user_of()).password_hash))


def test_check_finds_trusted_origins_that_no_browser_sends() -> None:
    wrong = CoreSettings(trusted_origins=["https://*.example.com", "https://app.example.com"])
    (message,) = trusted_origins_can_match(wrong)
    assert message.id == "security.W014"
    assert message.text.endswith("origin: https://*.example.com.")


@pytest.mark.parametrize("name", ["auth_idle_days", "auth_session_days", "auth_event_days"])
def test_a_time_that_ends_after_the_calendar_is_refused(name: str) -> None:
    """Every login would fail, or the nightly deletion."""
    with pytest.raises(ValidationError, match="should be less than or equal to 365000"):
        CoreSettings.model_validate({name: 10_000_000})


async def test_idempotency_keys_belong_to_the_user_of_a_token_or_a_cookie(
    own_app: FastAPI,
) -> None:
    user = await stored()
    headers = await bearer(user)
    cookie = f"__Host-session={headers['Authorization'][7:]}"
    async with AsyncClient(transport=Transport(own_app), base_url="https://localhost") as client:
        own = {"Cookie": cookie, "Origin": "https://localhost"}
        answers = [await client.post("/whose-keys", headers=it) for it in (headers, own, {})]
    assert [it.json() for it in answers] == [str(user.id), str(user.id), "None"]


async def test_a_permission_may_have_a_verb_of_your_own(own_app: FastAPI) -> None:
    user = await stored()
    headers = await bearer(user)
    async with AsyncClient(transport=Transport(own_app), base_url="https://localhost") as client:
        assert (await client.post("/ship", headers=headers)).status_code == 403
        async with transaction() as session:
            session.add(UserPermission(user_id=user.id, permission="shop.order.ship"))
        assert (await client.post("/ship", headers=headers)).status_code == 200


@pytest.mark.parametrize("name", ["shop.order", "shop.order.ship.now", "shop.Order.ship"])
def test_a_permission_is_three_words(name: str) -> None:
    with pytest.raises(ValueError, match="permission") as refused:
        requires(name)
    assert str(refused.value) == f"{name!r} is not a permission; use one like 'shop.product.change'"


async def test_several_limits_of_an_action_count_apart(isolated: None, clock: Clock) -> None:
    """Their periods begin together at the full hour, and a router's limit has that of its routes."""
    clock.now = clock.now.replace(minute=0, second=0, microsecond=0)
    several = [limits.Limit(text) for text in ("2/minute", "2/hour", "3/hour")]
    for _ in range(2):
        for one in several:
            await one.use("export", "192.0.2.1")
    for one, status in zip(several, (429, 429, None), strict=True):
        with nullcontext() if status is None else pytest.raises(HTTPException, match="429"):
            await one.use("export", "192.0.2.1")
