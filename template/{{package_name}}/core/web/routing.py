# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Routes whose handler is a unit of work, committed before the client hears of it.

A dependency with `yield` would commit after the response was sent: its client could see 201 for
a row that is not there. The route class opens the unit around the handler instead.
"""

from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from enum import Enum
from typing import Annotated, Any
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import MAX_BODY_SIZE_SCOPE_KEY
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from ..db import transaction
from .paths import fixed_paths, route_path
from .unstorable_text import TextRequest

PREFIX = "/api"  # of the apps' paths
READING = frozenset({"GET", "HEAD"})
UNIT = "unit_of_work"


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
            unit = request.scope[UNIT] = Unit(read_only=request.method in READING)
            try:
                response = await handler(request)
            except BaseException as error:
                await unit.end(error)
                raise
            await unit.end(None if response.status_code < 400 else Refused())
            return response

        return in_unit_of_work


class Unit:
    """The unit of work of a request. It begins when something asks for its session."""

    def __init__(self, *, read_only: bool) -> None:
        self._read_only = read_only
        self._transaction: AbstractAsyncContextManager[AsyncSession, bool | None] | None = None

    async def session(self) -> AsyncSession:
        """Its session, the same at each call."""
        if self._transaction is None:
            begun = transaction(read_only=self._read_only)
            self._session = await begun.__aenter__()
            self._transaction = begun
        return self._session

    async def end(self, error: BaseException | None) -> None:
        """Commit, or roll back for an error."""
        if self._transaction is not None:
            kind = None if error is None else type(error)
            await self._transaction.__aexit__(kind, error, None)


class Refused(Exception):
    """Rolls a unit of work back, for an answer that is an error but was returned."""


class Router(APIRouter):
    """FastAPI's router, whose routes are units of work."""

    def __init__(
        self, *, prefix: str = "", tags: list[str | Enum] | None = None, **options: Any
    ) -> None:
        options.setdefault("route_class", UnitOfWorkRoute)
        super().__init__(prefix=prefix, tags=tags, **options)
        self.stem = prefix.partition("{")[0]
        self.beginning: str | None = None  # of its paths, once it is included
        self._alone: WeakKeyDictionary[FastAPI, bool] = WeakKeyDictionary()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As FastAPI, which tries route by route, and each again to handle what matched.

        A path of another router is told at once, and so is one that can only be this router's.
        """
        path = route_path(scope)
        if self.beginning and path.startswith(self.beginning) and self._is_alone(scope["app"]):
            return Match.FULL, {}
        return super().matches(scope) if self.stem in path else (Match.NONE, {})

    def _is_alone(self, app: FastAPI) -> bool:
        """Whether nobody else has a path that begins as this router's do."""
        alone = self._alone.get(app)
        if alone is None:
            beginning = str(self.beginning)
            paths = [route.path or "" for route in iter_route_contexts(app.routes)]
            here = sum(path.startswith(beginning) for path in paths)
            alone = self._alone[app] = here == sum(1 for _ in iter_route_contexts(self.routes))
        return alone


async def current_session(connection: HTTPConnection) -> AsyncSession:
    """The session of the route's unit of work.

    Raises:
        RuntimeError: the route is none.
    """
    unit: Unit | None = connection.scope.get(UNIT)
    if unit is None:
        raise RuntimeError(
            "SessionDep needs a route that is a unit of work: declare it on a Router of "
            "core.web, or open a transaction() in the handler"
        )
    return await unit.session()


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
    if limit is not None:
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            raise HTTPException(413)
