# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Routes that run their handler in a unit of work and commit it before the answer is sent.

A dependency with `yield` would commit after the answer was sent, so a client could get 201 for a
row that was never stored. The route class wraps the handler instead.
"""

from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from contextvars import ContextVar
from copy import copy
from enum import Enum
from functools import wraps
from importlib import import_module
from inspect import isasyncgenfunction
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import MAX_BODY_SIZE_SCOPE_KEY
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Match
from starlette.types import Scope

from ..db import transaction
from .errors import limit_details
from .paths import fixed_paths, query_parameters, route_path
from .problem import DOCUMENTED
from .unstorable_text import TextRequest

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

PREFIX = "/api"  # of the routes of apps
READING = frozenset({"GET", "HEAD"})
UNIT = "unit_of_work"
# Where FastAPI keeps what is done after the answer was sent, and after the handler.
STACKS = ("fastapi_inner_astack", "fastapi_function_astack")
ends: ContextVar[AsyncExitStack] = ContextVar("what is done after the answer")


class UnitOfWorkRoute(APIRoute):
    """A route that commits before it sends an answer below 400, and rolls back otherwise.

    The unit of work begins when the session is first used by the handler or a dependency. The
    session is closed when the handler returns, so a streaming response must load its rows before,
    or open its own `transaction()`. A generator is closed when its answer ends.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self._options = options
        self._literal = path.partition("{")[0]
        generates = isasyncgenfunction(endpoint)
        super().__init__(path, closed_at_end(endpoint) if generates else endpoint, **options)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Try the path's regular expression only if the path contains what precedes its parameters."""
        if self._literal not in scope["path"]:
            return Match.NONE, {}
        return super().matches(scope)

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def in_unit_of_work(request: Request) -> Response:
            limit_details(request.app)
            request = TextRequest(request.scope, request.receive)
            request.refuse_nul()
            refuse_other_methods(request)
            refuse_large_body(request)
            refuse_unknown_parameters(request)
            ends.set(request.scope[STACKS[0]])
            return await self.run(handler, request)

        return in_unit_of_work

    def included(self, app: FastAPI) -> Self:
        """Return this route, as it is now, as one of an application's own, below `PREFIX`."""
        # FastAPI derives the items of a stream from a response model that was not given.
        now = {name: getattr(self, name) for name in self._options if name != "response_model"}
        options = {**self._options, **now, "dependency_overrides_provider": app}
        options["responses"] = {**DOCUMENTED, **self.responses}
        route = copy(self)  # a subclass has changed the endpoint and the options already
        UnitOfWorkRoute.__init__(route, PREFIX + self.path, self.endpoint, **options)
        return route

    async def run(self, handler: Handler, request: Request) -> Response:
        """Call FastAPI's handler in a unit of work."""
        unit = request.scope[UNIT] = Unit(read_only=request.method in READING)
        try:
            response = await handler(request)
        except BaseException as error:
            await unit.end(error)
            raise
        try:
            await unit.end(None if response.status_code < 400 else Refused())
        except Exception as error:
            if isinstance(response, StreamingResponse):  # whose task group would wrap the error
                await end_dependencies(request, error)
            raise
        return response


def closed_at_end(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Close a generator when its answer ends, even if the client has gone away.

    FastAPI leaves that to the garbage collector, which closes the parts of it in any order.
    """

    @wraps(endpoint)
    def begun(**values: Any) -> Any:
        generator = endpoint(**values)
        ends.get().push_async_callback(generator.aclose)
        return generator

    return begun


class Unit:
    """The unit of work of a request. It begins at the first call of `session()`."""

    def __init__(self, *, read_only: bool) -> None:
        self._read_only = read_only
        self._session: AsyncSession | None = None

    async def session(self) -> AsyncSession:
        """Return the session, the same at each call."""
        if self._session is None:
            self._transaction = transaction(read_only=self._read_only)
            self._session = await self._transaction.__aenter__()
        return self._session

    async def end(self, error: BaseException | None) -> None:
        """Commit, or roll back if there was an error."""
        if self._session is not None:
            kind = None if error is None else type(error)
            await self._transaction.__aexit__(kind, error, None)


async def end_dependencies(request: Request, error: Exception) -> None:
    """End the dependencies with `yield` of a failed request, in the order in which FastAPI does."""
    after_answer, after_handler = (request.scope[name] for name in STACKS)
    try:
        async with after_answer, after_handler:
            raise error
    except* type(error):  # also in the group of a task group
        pass


class Refused(Exception):
    """Rolls back a unit of work whose handler returned an error instead of raising it."""


class Router(APIRouter):
    """FastAPI's router, with `UnitOfWorkRoute` for its routes.

    Args:
        retry: how often a request runs again if its unit of work conflicts with another one.
        idempotent: answer a repeated request with the same Idempotency-Key from the first answer.
    """

    def __init__(
        self,
        *,
        prefix: str = "",
        tags: list[str | Enum] | None = None,
        retry: int = 0,
        idempotent: bool = False,
        **options: Any,
    ) -> None:
        options.setdefault("route_class", UnitOfWorkRoute)
        if idempotent:  # both are imported only by the services that use them
            module = import_module("..idempotency.routes", __package__)
            options["route_class"] = module.idempotent(options["route_class"])
        if retry:
            module = import_module(".retry", __package__)
            options["route_class"] = module.retried(options["route_class"], times=retry)
        super().__init__(prefix=prefix, tags=tags, **options)


def include(app: FastAPI, router: APIRouter) -> None:
    """Add the routes of a router to an application, below `PREFIX`.

    FastAPI would try the routes of an included router one by one, and once more to find the one that
    matched, which costs the sixth of them a fifth of a request. So they become the application's own.
    """
    app.include_router(router, prefix=PREFIX, responses=DOCUMENTED)
    routes = [route for route in router.routes if isinstance(route, UnitOfWorkRoute)]
    frontends = getattr(router, "_low_priority_routes", ())
    if len(routes) == len(router.routes) and not router.form_limits and not frontends:
        app.router.routes.pop()
        app.router.routes += [route.included(app) for route in routes]


async def current_session(connection: HTTPConnection) -> AsyncSession:
    """Return the session of the route's unit of work."""
    unit: Unit | None = connection.scope.get(UNIT)
    if unit is None:
        raise RuntimeError(
            "SessionDep works only on routes of core.web.Router. Declare the route on such a "
            "router, or open a transaction() in the handler."
        )
    return await unit.session()


SessionDep = Annotated[AsyncSession, Depends(current_session)]


def refuse_other_methods(request: Request) -> None:
    """Answer 405 to a method that a fixed path does not support but a path with a parameter does.

    PATCH `/posts/feed` must not change the post "feed", although `/posts/{id}` matches it.
    """
    if request.path_params:
        methods = fixed_paths(request.app).get(route_path(request.scope))
        if methods is not None and request.method not in methods:
            raise HTTPException(405)


def refuse_unknown_parameters(request: Request) -> None:
    """Refuse query parameters that the route does not declare: a misspelled filter returns all rows."""
    if not request.scope["query_string"]:
        return
    known = query_parameters(request.app).get(request.scope["endpoint"])
    if known is None:
        return
    if unknown := [name for name in request.query_params if name not in known]:
        message = "Extra inputs are not permitted"
        raise RequestValidationError(
            [
                {"type": "extra_forbidden", "loc": ("query", name), "msg": message}
                for name in unknown
            ]
        )


def refuse_large_body(request: Request) -> None:
    """Answer 413 before the handler runs if the body's Content-Length is over the limit.

    If the handler does not read the body, Starlette refuses it only when the answer is sent, and
    the unit of work is committed by then.
    """
    limit: int | None = request.scope.get(MAX_BODY_SIZE_SCOPE_KEY)
    if limit is not None:
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            raise HTTPException(413)
