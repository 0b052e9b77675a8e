# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Runs a request of the admin: as a member of staff, in one unit of work, under a strict policy."""

import logging
from collections.abc import Callable
from secrets import token_urlsafe

from fastapi import HTTPException
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_admin.auth import AdminUser
from starlette_admin.exceptions import ActionFailed

from .. import db
from ..auth.origins import is_unsafe, refuse_other_origins
from ..web.errors import DATABASE_ERRORS
from ..web.paths import route_path
from ..web.routing import Refused, Unit
from .audit import watch
from .visitor import find_identity, text_of, visitor_with_permissions

POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

logger = logging.getLogger(__name__)

ErrorPage = Callable[[Request, int, str], Response]


class AdminUnit:
    """The innermost layer around the routes of the admin.

    The answer is held until the unit of work is committed, so no page says "saved" for a row that
    is not stored.
    """

    def __init__(self, app: ASGIApp, *, error_page: ErrorPage) -> None:
        self.app = app
        self._error_page = error_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = route_path(scope)
        if scope["type"] != "http" or path.startswith("/static/"):
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        request.state.is_anonymous = True
        request.state.nonce = token_urlsafe(16)
        try:
            held = await self.answer(request, path)
        except Exception as error:
            held = await collected(self.refusal(request, path, error), request)
        headers = MutableHeaders(raw=held[0]["headers"])
        headers["content-security-policy"] = POLICY.format(nonce=request.state.nonce)
        headers["cache-control"] = "no-store"
        for message in held:
            await send(message)

    async def answer(self, request: Request, path: str) -> list[Message]:
        """Run the route for a member of staff. It commits if its answer is below 400."""
        if is_unsafe(request):
            refuse_other_origins(request)
        if not request.query_params.get("_origin", "").isprintable():
            raise HTTPException(400, "The address of the page to return to is not valid.")
        if path.endswith(("/action", "/row-action")) and not request.query_params.get("name"):
            raise HTTPException(400, "The name of the action is missing.")
        if path in ("/login", "/logout"):
            return await collected(self.app, request)
        who = await find_identity(request)
        if who is None and is_unsafe(request):
            raise HTTPException(401, "Log in to use the admin.")
        if who is None:
            login = request.url_for("admin:login").include_query_params(next=request.url)
            return await collected(RedirectResponse(login, 303), request)
        if not (who.is_staff or who.is_superuser):
            raise HTTPException(403, "The admin is for staff. Log in with another account.")
        unit = Unit(read_only=not is_unsafe(request))
        with db.on_primary():
            request.state.session = session = await unit.session()
            try:
                request.state.visitor = await visitor_with_permissions(session, who)
                request.state.admin_user = AdminUser(who.email)
                request.state.is_anonymous = False
                watch(session, request)
                held = await collected(self.app, request)
            except BaseException as error:
                await unit.end(error)
                raise
            await unit.end(None if held[0]["status"] < 400 else Refused())
        return held

    def refusal(self, request: Request, path: str, error: Exception) -> Response:
        """Answer an exception, by a page or, to a script, by JSON."""
        if isinstance(error, AnyHTTPException):
            status, text = error.status_code, text_of(error)
        elif isinstance(error, ActionFailed):
            status, text = 403, str(error)
        elif isinstance(error, db.DatabaseError):
            found = next(filter(None, map(DATABASE_ERRORS.get, type(error).__mro__)), None)
            status, text = found.status if found else 500, error.detail
        else:
            logger.exception("unhandled exception in the admin")
            status, text = 500, "Something went wrong. The log has the details."
        if path.startswith("/_api/"):
            return JSONResponse({"msg": text}, status)
        return self._error_page(request, status, text)


async def collected(app: ASGIApp, request: Request) -> list[Message]:
    held: list[Message] = []

    async def hold(message: Message) -> None:
        held.append(message)

    await app(request.scope, request.receive, hold)
    return held
