# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The pool of connections, for which those who want one stand in line."""

import asyncio
from collections import deque
from typing import Any

from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry
from sqlalchemy.util import await_only

from .errors import Unavailable


class Pool(AsyncAdaptedQueuePool):
    """SQLAlchemy's pool for asyncio, but who has waited longest is next.

    SQLAlchemy's gives a connection that comes back to whoever asks first, and sends the one that
    it woke up back to the end: of many at once, some would wait ten times as long as others.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._line: deque[asyncio.Future[None]] = deque()
        self._called = 0  # those whose turn it is, and who have not taken it yet

    def _do_get(self) -> ConnectionPoolEntry:
        try:
            if self._line or not self._has_room():
                await_only(self._wait())
            return super()._do_get()
        except BaseException:  # who waits may have what this one could not
            self._call_next()
            raise

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        super()._do_return_conn(record)
        self._call_next()

    def _has_room(self) -> bool:
        return self.checkedout() + self._called < self.size() + self._max_overflow

    async def _wait(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            async with asyncio.timeout(self.timeout()):
                await turn
        except TimeoutError as error:
            raise Unavailable from error
        finally:
            if not turn.cancelled():
                self._called -= 1

    def _call_next(self) -> None:
        while self._line and self._has_room():
            turn = self._line.popleft()
            if not turn.cancelled():
                turn.set_result(None)
                self._called += 1
