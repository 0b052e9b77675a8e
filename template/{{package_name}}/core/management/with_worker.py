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
    worker = Worker(concurrency=settings.jobs_concurrency)
    async with lifespan(app):
        working = asyncio.create_task(work(worker))
        try:
            yield
        finally:
            worker.stop()
            worker.stop()  # without waiting for jobs, which the next worker runs again
            await working


async def work(worker: Worker) -> None:
    """Run the worker; wait for a database that is down or not yet migrated."""
    while not worker.is_stopping:
        try:
            await worker.run()
        except (DatabaseError, DBAPIError) as error:
            logger.warning("no worker runs: %s", reason(error))
            await worker.pause(PAUSE)


app.router.lifespan_context = lifespan_with_worker
