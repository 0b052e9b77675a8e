# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Run background jobs until it is stopped.

Start as many workers as you need, on any number of machines. On SIGTERM a worker takes no more
jobs, and has JOBS_SHUTDOWN_TIMEOUT seconds to finish those that run.
"""

import asyncio
import logging
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click
from fastapi import FastAPI

from ....settings import settings
from ...db import dispose_engine
from ...jobs.task import import_tasks
from ...jobs.worker import Worker
from ...web.app import set_up_telemetry
from ...web.logging import configure_logging
from ..workers import prepare_telemetry

ALIVE = 5.0  # seconds
SPARE_THREADS = 8
SPARE_CONNECTIONS = 3  # for the heartbeat, the look at the queues and a listener

logger = logging.getLogger(__name__)


@click.command(help=__doc__)
@click.option(
    "--queues",
    metavar="NAME,NAME",
    default="",
    help="The queues to serve, comma-separated. Default: all.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(min=1),
    default=settings.jobs_concurrency,
    show_default=True,
    help="The number of jobs that run at once.",
)
@click.option("--once", is_flag=True, help="Run what is due, and exit.")
@click.option(
    "--alive",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file to touch every 5 seconds, unless a job blocks the worker.",
)
def command(queues: str, concurrency: int, once: bool, alive: Path | None) -> None:
    configure_logging(settings)
    import_tasks(settings)
    prepare_telemetry()
    names = [name.strip() for name in queues.split(",") if name.strip()]
    connections = settings.db_pool_size + settings.db_max_overflow
    if concurrency > connections - SPARE_CONNECTIONS:
        logger.warning(
            "%d jobs may use all %d connections, so that the lease is lost: raise DB_POOL_SIZE",
            *(concurrency, connections),
        )
    asyncio.run(work(names, concurrency, once=once, alive=alive))


async def work(
    queues: list[str], concurrency: int, *, once: bool, alive: Path | None = None
) -> None:
    """Run one worker until a signal stops it; the second signal does not wait for jobs."""
    await start_telemetry()
    worker = Worker(queues=queues, concurrency=concurrency, once=once)
    loop = asyncio.get_running_loop()
    if alive is not None:
        keep_touching(alive, loop)
    # Jobs may block a thread each. Others resolve host names, without which nothing can connect.
    loop.set_default_executor(ThreadPoolExecutor(concurrency + SPARE_THREADS))
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, worker.stop)
    logger.info("running jobs of %s", f"the queues {', '.join(queues)}" if queues else "all queues")
    try:
        await worker.run()
    finally:
        await dispose_engine()


def keep_touching(file: Path, loop: asyncio.AbstractEventLoop) -> None:
    """Show that the event loop runs, whether the database answers or not."""
    try:
        file.touch()
    except OSError as error:
        logger.warning("cannot show that the worker is alive: %s", error)
    loop.call_later(ALIVE, keep_touching, file, loop)


async def start_telemetry() -> None:
    """Set OpenTelemetry up as the server does: FastAPI reads OTEL_* when an application starts."""
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: Any) -> None:
        pass

    app = FastAPI()
    await app({"type": "lifespan"}, receive, send)
    set_up_telemetry(app)
