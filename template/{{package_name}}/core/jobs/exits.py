# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Makes `sys.exit` in a job an error of that job: asyncio would let it end the worker's process."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import Any


async def without_exit(part: Awaitable[Any]) -> Any:
    """Wait for a part of a job. Where it exits, raise the error that the job fails with."""
    try:
        return await part
    except SystemExit as exit:
        raise RuntimeError(f"the job called sys.exit({exit.code!r})") from exit
    except KeyboardInterrupt as exit:
        raise RuntimeError(f"the job raised {exit!r}") from exit


@contextmanager
def contained(is_job: Callable[[], bool]) -> Generator[None]:
    """During the block, let no task that a job creates end the process."""
    loop = asyncio.get_running_loop()
    former = loop.get_task_factory()

    def create(loop: asyncio.AbstractEventLoop, part: Any, **options: Any) -> asyncio.Future[Any]:
        run = without_exit(part) if is_job() else part
        task = former(loop, run, **options) if former else asyncio.Task(run, loop=loop, **options)
        if run is not part:
            task.add_done_callback(lambda ended: part.close())  # it may have been cancelled before
        return task

    loop.set_task_factory(create)
    try:
        yield
    finally:
        loop.set_task_factory(former)
