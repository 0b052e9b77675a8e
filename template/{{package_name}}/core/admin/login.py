# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The login page of the admin. The session is that of `core.auth`, for the whole service."""

from typing import Any

from fastapi import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates
from starlette_admin.helpers import safe_redirect_url

from ..auth import end_session, forget_session, log_in
from ..auth.cookies import session_token
from .visitor import access, text_of

SEE_OTHER = 303


class Login:
    """The routes `/login` and `/logout` below the admin's address."""

    def __init__(self, templates: Jinja2Templates) -> None:
        self._templates = templates
        self.routes = [
            Route("/login", self.page, methods=["GET"], name="login"),
            Route("/login", self.enter, methods=["POST"]),
            Route("/logout", self.leave, methods=["POST"], name="logout"),
        ]

    def shown(self, request: Request, status: int = 200, **values: Any) -> Response:
        context = {"email": "", "error": "", **values}
        return self._templates.TemplateResponse(request, "enter.html", context, status)

    async def page(self, request: Request) -> Response:
        return self.shown(request)

    async def enter(self, request: Request) -> Response:
        form = await request.form()
        email, password = (str(form.get(name) or "") for name in ("email", "password"))
        home = str(request.url_for("admin:index"))
        target = safe_redirect_url(request.query_params.get("next") or home, request, home)
        response = RedirectResponse(target, SEE_OTHER)
        try:
            await log_in(request, response, email, password, bearer=False)
        except HTTPException as error:
            return self.shown(request, error.status_code, email=email, error=text_of(error))
        return response

    async def leave(self, request: Request) -> Response:
        response = RedirectResponse(request.url_for("admin:login"), SEE_OTHER)
        token = session_token(request)
        who = await access().find(token) if token else None
        if who is None:
            forget_session(response)
        else:
            await end_session(request, response, who)
        return response
