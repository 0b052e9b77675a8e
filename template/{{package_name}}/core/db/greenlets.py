# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Calls between asyncio and SQLAlchemy's synchronous code, by SQLAlchemy's own functions.

`await call(function, …)` calls synchronous code that waits for the database. `wait_for(awaitable)`
waits in synchronous code, such as a listener, that runs within `call`.
"""

from sqlalchemy.util import await_only as wait_for
from sqlalchemy.util import greenlet_spawn as call

__all__ = ["call", "wait_for"]
