# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The login page of the admin. The session is that of `core.auth`, for the whole service."""

from typing import Any

from fastapi import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates
from starlette_admin.auth import AdminUser, BaseAuthProvider
from starlette_admin.helpers import safe_redirect_url

from ..auth import end_session, forget_session, log_in
from .unit import AdminUnit, ErrorPage
from .visitor import find_identity, text_of


class Provider(BaseAuthProvider):
    """The routes `/login` and `/logout`; `AdminUnit` authenticates requests."""

    def __init__(self, error_page: ErrorPage) -> None:
        super().__init__()
        self._middleware = Middleware(AdminUnit, error_page=error_page)

    def get_middleware(self) -> Middleware:
        return self._middleware

    async def authenticate(self, request: Request) -> AdminUser | None:
        user: AdminUser = request.state.admin_user
        return user

    def get_routes(self, templates: Jinja2Templates) -> list[Route]:
        self._templates = templates
        return [
            Route("/login", self.page, methods=["GET"], name="login"),
            Route("/login", self.enter, methods=["POST"]),
            Route("/logout", self.leave, methods=["POST"], name="logout"),
        ]

    async def page(self, request: Request, status: int = 200, **values: Any) -> Response:
        context = {"email": "", "error": "", **values}
        return self._templates.TemplateResponse(request, "enter.html", context, status)

    async def enter(self, request: Request) -> Response:
        form = await request.form()
        email, password = (str(form.get(name) or "") for name in ("email", "password"))
        home = str(request.url_for("admin:index"))
        target = safe_redirect_url(request.query_params.get("next") or home, request, home)
        response = RedirectResponse(target, 303)
        try:
            await log_in(request, response, email, password, bearer=False)
        except HTTPException as error:
            return await self.page(request, error.status_code, email=email, error=text_of(error))
        return response

    async def leave(self, request: Request) -> Response:
        response = RedirectResponse(request.url_for("admin:login"), 303)
        who = await find_identity(request)
        if who is None:
            forget_session(response)
        else:
            await end_session(request, response, who)
        return response
