# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Makes `sys.exit` in a job an error of that job: asyncio would let it end the worker's process."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any

EXITS = (SystemExit, KeyboardInterrupt)


def as_error(exit: BaseException) -> RuntimeError:
    """The error that a job fails with."""
    called = (
        f"called sys.exit({exit.code!r})" if isinstance(exit, SystemExit) else f"raised {exit!r}"
    )
    return RuntimeError(f"the job {called}")


class Contained(Coroutine[Any, Any, Any]):
    """A coroutine that raises an error where another one would exit."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        self._coroutine = coroutine

    def send(self, value: Any) -> Any:
        try:
            return self._coroutine.send(value)
        except EXITS as exit:
            raise as_error(exit) from exit

    def throw(self, *error: Any) -> Any:
        try:
            return self._coroutine.throw(*error)
        except EXITS as exit:
            raise as_error(exit) from exit

    def close(self) -> None:
        self._coroutine.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._coroutine.__await__()


@contextmanager
def contained(is_job: Callable[[], bool]) -> Generator[None]:
    """During the block, let no task that a job creates end the process.

    Args:
        is_job: whether the caller is part of a job.
    """
    loop = asyncio.get_running_loop()
    former = loop.get_task_factory()

    def create(
        loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any
    ) -> asyncio.Future[Any]:
        coroutine = Contained(coroutine) if is_job() else coroutine
        if former is not None:
            return former(loop, coroutine, **options)
        return asyncio.Task(coroutine, loop=loop, **options)

    loop.set_task_factory(create)
    try:
        yield
    finally:
        loop.set_task_factory(former)
