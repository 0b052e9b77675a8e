# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Routes whose handler is a unit of work, committed before the client hears of it.

A dependency with `yield` would commit after the response was sent: its client could see 201 for
a row that is not there. The route class opens the unit around the handler instead.
"""

from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from enum import Enum
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import MAX_BODY_SIZE_SCOPE_KEY
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from ..db import transaction
from .paths import fixed_paths, route_path
from .text import TextRequest

READING = frozenset({"GET", "HEAD"})
UNIT = "unit_of_work"
SESSION = "unit_of_work.session"


class UnitOfWorkRoute(APIRoute):
    """A route that commits when its answer is below 400, before sending it, else rolls back.

    The unit begins when something asks for its session, and connects at the first statement.
    The session is closed when the handler returns, so a response that streams takes its rows
    beforehand, or opens a `transaction()` of its own.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def in_unit_of_work(request: Request) -> Response:
            request = TextRequest(request.scope, request.receive)
            request.refuse_nul()
            refuse_other_methods(request)
            refuse_large_body(request)
            try:
                async with AsyncExitStack() as unit:
                    request.scope[UNIT] = unit
                    response = await handler(request)
                    if response.status_code >= 400:
                        raise Refused(response)
            except Refused as refused:
                return refused.response
            return response

        return in_unit_of_work


class Refused(Exception):
    """Rolls the unit of work back, for an answer that is an error but was returned."""

    def __init__(self, response: Response) -> None:
        self.response = response


class Router(APIRouter):
    """FastAPI's router, whose routes are units of work."""

    def __init__(
        self, *, prefix: str = "", tags: list[str | Enum] | None = None, **options: Any
    ) -> None:
        options.setdefault("route_class", UnitOfWorkRoute)
        super().__init__(prefix=prefix, tags=tags, **options)
        self.stem = prefix.partition("{")[0]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As FastAPI, which tries route by route, but a path of another router is told at once."""
        return super().matches(scope) if self.stem in scope["path"] else (Match.NONE, {})


async def current_session(connection: HTTPConnection) -> AsyncSession:
    """The session of the route's unit of work.

    Raises:
        RuntimeError: the route is none.
    """
    scope = connection.scope
    unit: AsyncExitStack | None = scope.get(UNIT)
    if unit is None:
        raise RuntimeError(
            "SessionDep needs a route that is a unit of work: declare it on a Router of "
            "core.web, or open a transaction() in the handler"
        )
    if SESSION not in scope:
        opened = transaction(read_only=scope["method"] in READING)
        scope[SESSION] = await unit.enter_async_context(opened)
    session: AsyncSession = scope[SESSION]
    return session


SessionDep = Annotated[AsyncSession, Depends(current_session)]


def refuse_other_methods(request: Request) -> None:
    """Refuse a method that a fixed path has not, where another path's parameter would take it.

    PATCH of `/posts/feed` is not that of the post "feed", though `/posts/{id}` matches it.

    Raises:
        HTTPException: 405.
    """
    if request.path_params:
        methods = fixed_paths(request.app).get(route_path(request.scope))
        if methods is not None and request.method not in methods:
            raise HTTPException(405)


def refuse_large_body(request: Request) -> None:
    """Refuse a body by its declared length before the handler runs.

    Starlette does it too, but for a handler that reads no body only when its answer is sent, and
    by then the unit of work is committed.

    Raises:
        HTTPException: 413.
    """
    limit: int | None = request.scope.get(MAX_BODY_SIZE_SCOPE_KEY)
    length = request.headers.get("content-length", "")
    if limit is not None and length.isdecimal() and int(length) > limit:
        raise HTTPException(413)
