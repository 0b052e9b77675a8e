# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The application: middleware, error handlers, health, and the routers of the installed apps."""

import asyncio
import gc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.routing import BaseRoute, Route

from ..apps import routers
from ..db import dispose_engine
from ..settings import CoreSettings
from . import health
from .errors import EXCEPTION_HANDLERS
from .logging import configure_logging
from .middleware import middleware
from .problem import DOCUMENTED, SCHEMAS
from .routing import PREFIX, Router

LAST_MOMENT = 0.5  # seconds


def create_app(
    settings: CoreSettings, *, title: str, description: str = "", version: str = "0.1.0"
) -> FastAPI:
    """Make the application. It connects to nothing before the first request that needs it.

    Raises:
        AppNotFound: INSTALLED_APPS lists a name that is no package under `apps/`.
    """
    configure_logging(settings)
    app = Application(
        title=title,
        description=description,
        version=version,
        lifespan=lifespan,
        middleware=middleware(settings),
        exception_handlers=EXCEPTION_HANDLERS,
        # An address has one spelling: the redirect that mends a slash is built from the Host
        # header, and is wrong behind most proxies.
        redirect_slashes=False,
    )
    for router in routers(settings):
        app.include_router(router, prefix=PREFIX, responses=DOCUMENTED)
        if isinstance(router, Router) and router.stem:
            router.beginning = PREFIX + router.stem
    app.include_router(health.router)
    app.router.routes.sort(key=is_page)  # routes are tried in their order
    return app


def is_page(route: BaseRoute) -> bool:
    """Whether a route is one of the documentation, which FastAPI puts before all others."""
    return type(route) is Route


class Application(FastAPI):
    """FastAPI, with the schema of a problem in its OpenAPI document."""

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        document.setdefault("components", {}).setdefault("schemas", {}).update(SCHEMAS)
        return document


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """Around the requests of one worker process."""
    # What start-up made lives as long as the process, so the collector need not walk it again, and
    # requests leave little to collect: the slowest of a hundred takes a third of the time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)
    try:
        yield
    finally:
        await roll_back_what_was_cut_off()
        await dispose_engine()


async def roll_back_what_was_cut_off() -> None:
    """Let requests that the server cancelled, out of patience, give their connections back.

    uvicorn does not wait for them, and would close the event loop under their hands.
    """
    cancelled = [task for task in asyncio.all_tasks() if task.cancelling()]
    if cancelled:
        await asyncio.wait(cancelled, timeout=LAST_MOMENT)
