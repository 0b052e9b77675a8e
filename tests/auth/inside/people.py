"""Runs inside a project: stores users of each role with their tokens, and prints them as JSON.

The arguments are the package's name and the number of users of each role.
"""

import asyncio
import json
import sys
from datetime import timedelta
from importlib import import_module
from typing import Any

from fastapi.routing import iter_route_contexts

PACKAGE, COUNT = sys.argv[1], int(sys.argv[2])
PASSWORD = "violet canoe harbour 47"
ROLES: dict[str, dict[str, bool]] = {
    "user": {},
    "staff": {"is_staff": True},
    "superuser": {"is_superuser": True},
}

auth = import_module(f"{PACKAGE}.core.auth")
testing = import_module(f"{PACKAGE}.core.auth.testing")
passwords = import_module(f"{PACKAGE}.core.auth.passwords")
routes = import_module(f"{PACKAGE}.core.auth.routes")
app = import_module(f"{PACKAGE}.asgi").app
dispose_engine = import_module(f"{PACKAGE}.core.db").dispose_engine

DAY = timedelta(days=1)
LINKS = (auth.TokenKind.CONFIRM, auth.TokenKind.RESET, auth.TokenKind.EMAIL)
HASH = passwords.new_hash(PASSWORD)


async def person(**rights: bool) -> dict[str, Any]:
    """Store a user with a session and an API token."""
    user = await testing.make_user(password_hash=HASH, **rights)
    sessions = [await auth.issue(user.id, auth.TokenKind.SESSION, DAY) for _ in range(2)]
    api = await auth.issue(user.id, auth.TokenKind.API, DAY, name="deployment")
    return {
        "id": str(user.id),
        "email": user.email,
        "token": sessions[0][1],
        "sessions": [str(key) for key, _ in sessions],
        "tokens": [str(api[0])],
    }


async def link(kind: Any) -> str:
    """Return the token of a mail to a user of its own."""
    confirmed = {} if kind is not auth.TokenKind.CONFIRM else {"confirmed_at": None}
    user = await testing.make_user(**confirmed)
    sent_to = f"new-{user.email}" if kind is auth.TokenKind.EMAIL else user.email
    _, token = await auth.issue(user.id, kind, DAY, sent_to=sent_to)
    return str(token)


async def main() -> None:
    people = {
        role: [await person(**rights) for _ in range(COUNT)] for role, rights in ROLES.items()
    }
    links = {str(kind): [await link(kind) for _ in range(COUNT)] for kind in LINKS}
    access = {
        f"{method} {route.path}": routes.access_to(route) or "public"
        for route in iter_route_contexts(app.routes)
        if str(route.path).startswith("/api/")
        for method in (route.methods or set()) - {"HEAD"}
    }
    others = [await person() for _ in range(2)]
    found = {"people": people, "links": links, "access": access, "others": others}
    print(json.dumps({**found, "password": PASSWORD}))
    await dispose_engine()


asyncio.run(main())
