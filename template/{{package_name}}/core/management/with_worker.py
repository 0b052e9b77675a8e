# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The application with a worker in its process: `runserver --with-worker` serves it."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy.exc import DBAPIError

from ...asgi import app
from ...settings import settings
from ..db import DatabaseError
from ..jobs.task import import_tasks
from ..jobs.worker import Worker
from .errors import reason

PAUSE = 5.0  # seconds

logger = logging.getLogger(__name__)
lifespan = app.router.lifespan_context


@asynccontextmanager
async def lifespan_with_worker(app: FastAPI) -> AsyncGenerator[None]:
    import_tasks(settings)
    async with lifespan(app):
        working = asyncio.create_task(work())
        try:
            yield
        finally:
            working.cancel()  # the next worker runs its jobs again
            await asyncio.wait({working})


async def work() -> None:
    """Run a worker; wait for a database that is down or not yet migrated."""
    while True:
        try:
            await Worker(concurrency=settings.jobs_concurrency).run()
        except (DatabaseError, DBAPIError) as error:
            logger.warning("no worker runs: %s", reason(error))
        except Exception:
            logger.exception("the worker has ended")
        await asyncio.sleep(PAUSE)


app.router.lifespan_context = lifespan_with_worker
