# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Swagger UI at /docs. Its assets are served from the package fastapi-swagger, not from a CDN."""

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html, get_swagger_ui_oauth2_redirect_html
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

PAGE = "/docs"
REDIRECT = f"{PAGE}/oauth2-redirect"
ASSETS = f"{PAGE}/assets"


def add_documentation(app: FastAPI) -> None:
    """Add the page, and the assets that it loads."""

    async def page(request: Request) -> HTMLResponse:
        prefix = request.scope.get("root_path", "").rstrip("/")
        return get_swagger_ui_html(
            openapi_url=f"{prefix}{app.openapi_url}",
            title=app.title,
            swagger_js_url=f"{prefix}{ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{prefix}{ASSETS}/swagger-ui.css",
            swagger_favicon_url=f"{prefix}{ASSETS}/favicon-32x32.png",
            oauth2_redirect_url=f"{prefix}{REDIRECT}",
            swagger_ui_parameters={"validatorUrl": None},  # a service on another host
        )

    async def redirect(_: Request) -> HTMLResponse:
        return get_swagger_ui_oauth2_redirect_html()

    app.add_route(PAGE, page, include_in_schema=False)
    app.add_route(REDIRECT, redirect, include_in_schema=False)
    app.mount(ASSETS, StaticFiles(packages=[("fastapi_swagger", "resources")]))
