# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Calls between asyncio and SQLAlchemy's synchronous code, by SQLAlchemy's own functions."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy.util import await_only, greenlet_spawn

Result = TypeVar("Result")


async def call(function: Callable[..., Result], *args: Any, **options: Any) -> Result:
    """Call synchronous code that waits for the database."""
    return await greenlet_spawn(function, *args, **options)


def wait_for(awaitable: Awaitable[Result]) -> Result:
    """Wait in synchronous code, such as a listener, that runs within `call`."""
    return await_only(awaitable)
