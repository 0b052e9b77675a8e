# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Mounts the admin at /admin, with the views of each installed app's `admin.py`."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from jinja2.ext import Extension
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette_admin.base import BaseAdmin
from starlette_admin.export import ExportConfig
from starlette_admin.views import CustomView
from starlette_admin.widgets import BaseWidget

from ..apps import PACKAGE, import_part
from ..auth.cookies import secret
from ..settings import CoreSettings
from .login import Provider
from .naming import name_of
from .operations import start, views_of_operations
from .users import views_of_core
from .views import MOST_EXPORTED, ModelAdmin

HERE = Path(__file__).parent
ADDRESS = "/admin"
# What starlette-admin's pages have inline, and what the content security policy allows instead.
REPLACED = {
    'onclick="applyColumnVisibility()"': "data-apply-columns",
    'onchange="window.location = this.value"': "data-go",
    "@import url('https://rsms.me/inter/inter.css');": "",
}


def mount(app: FastAPI, settings: CoreSettings, title: str) -> None:
    """Add the admin to the application: the views of each installed app, of users and of rights."""
    logging.getLogger("starlette_admin").setLevel(logging.CRITICAL)  # `unit` logs failures
    found = [*views(settings)]
    own = {each.model for each in found}
    found += [e for e in (*views_of_core(), *views_of_operations()) if e.model not in own]
    keys: dict[type[Any], str] = {}
    for view in found:
        if view.model in keys:
            raise ValueError(f"The admin has two views of {name_of(view.model)!r}. Keep one.")
        keys[view.model] = name_of(view.model).replace(".", "-").replace("_", "-")
    site = Site(title)
    for view in found:
        site.pages[keys[view.model]] = view(keys, site.pages)
        site.add_view(site.pages[keys[view.model]])
    app.router.routes.append(Route(ADDRESS, to_home, include_in_schema=False))
    site.mount_to(app)
    # The first route, because each page asks for ten addresses, and Starlette asks route after route.
    app.router.routes.insert(0, app.router.routes.pop())


def views(settings: CoreSettings) -> Iterator[type[ModelAdmin]]:
    """Return the subclasses of `ModelAdmin` that each `admin.py` defines, in order."""
    for app in settings.INSTALLED_APPS:
        import_part(app, "schemas")  # which say what may be shown
        module = import_part(app, "admin")
        for value in vars(module).values() if module is not None else ():
            own = isinstance(value, type) and value.__module__ == f"{PACKAGE}.apps.{app}.admin"
            if own and issubclass(value, ModelAdmin) and hasattr(value, "model"):
                yield value


async def to_home(request: Request) -> Response:
    return RedirectResponse(f"{request.scope.get('root_path', '')}{ADDRESS}/", 307)


class Site(BaseAdmin):
    """starlette-admin's site, with this service's login, units of work and templates."""

    def __init__(self, title: str) -> None:
        self.pages: dict[str, ModelAdmin] = {}
        super().__init__(
            title=title,
            base_url=ADDRESS,
            auth_provider=Provider(self.error_page),
            secret_key=secret().decode(),
            templates_dir=str(HERE / "templates"),
            static_dir=str(HERE / "static"),
            export_config=ExportConfig(max_rows=MOST_EXPORTED),
            index_view=CustomView("Home", widget=self.start, route_name="index", add_to_menu=False),
        )
        self.templates.env.add_extension(UnderPolicy)

    async def start(self, request: Request) -> BaseWidget:
        return await start(request, [*self.pages.values()])

    def error_page(self, request: Request, status: int, text: str) -> Response:
        context = {"status": status, "text": text}
        return self.templates.TemplateResponse(request, "refused.html", context, status)


class UnderPolicy(Extension):
    """Changes starlette-admin's templates when they are compiled: scripts get the answer's nonce."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        begin, end = self.environment.variable_start_string, self.environment.variable_end_string
        for inline, allowed in REPLACED.items():
            source = source.replace(inline, allowed)
        return source.replace("<script>", f'<script nonce="{begin} request.state.nonce {end}">')
