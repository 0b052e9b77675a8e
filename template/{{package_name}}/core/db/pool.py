# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The pool of connections, for which those who want one stand in line."""

import asyncio
import time
from collections import deque
from typing import Any

from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.util import await_only, greenlet_spawn

from .errors import Unavailable
from .hooks import is_doubtful


class Pool(AsyncAdaptedQueuePool):
    """SQLAlchemy's pool for asyncio, but who has waited longest is next.

    SQLAlchemy's gives a connection that comes back to whoever asks first, and sends the one that
    it woke up back to the end: of many at once, some would wait ten times as long as others.

    The connection that was used last is given first: it is the surest to work.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._idle: list[ConnectionPoolEntry] = []
        self._open = 0  # connections, those that are idle too
        self._line: deque[asyncio.Future[None]] = deque()
        self._called = 0  # those whose turn it is, and who have not taken it yet
        self._admitted = False  # who connects now has had his turn

    async def take(self) -> PoolProxiedConnection:
        """A connection, as from `connect`, which asks for a greenlet.

        Python maps memory for every greenlet, which takes as long as all else that a pool does: a
        connection that was used a moment ago is taken without.

        Raises:
            DatabaseError: as `connect`.
        """
        if self._line or not self._has_room():
            await self._wait()
        self._admitted = True
        if self._idle and self._is_sure(self._idle[-1]):
            return self.connect()
        return await greenlet_spawn(self.connect)

    async def give_back(self, connection: PoolProxiedConnection) -> None:
        """Have a connection back that `take` gave and whose statements are all answered."""
        if len(self._idle) < self.size():
            connection.close()
        else:
            await greenlet_spawn(connection.close)

    def size(self) -> int:
        return self._pool.maxsize

    def checkedin(self) -> int:
        return len(self._idle)

    def checkedout(self) -> int:
        return self._open - len(self._idle)

    def overflow(self) -> int:
        return self._open - self.size()

    def dispose(self) -> None:
        while self._idle:
            self._idle.pop().close()
        self._open = 0

    def _do_get(self) -> ConnectionPoolEntry:
        admitted, self._admitted = self._admitted, False
        if not admitted and (self._line or not self._has_room()):
            await_only(self._wait())
        if self._idle:
            return self._idle.pop()
        self._open += 1
        try:
            return self._create_connection()
        except BaseException:
            self._open -= 1
            self._call_next()
            raise

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        if len(self._idle) < self.size():
            self._idle.append(record)
        else:
            self._open -= 1
            record.close()
        self._call_next()

    def _is_sure(self, record: Any) -> bool:
        """Whether a connection needs no look before it is used, which would take a greenlet."""
        if record.dbapi_connection is None or record.starttime <= self._invalidate_time:
            return False
        age = time.time() - record.starttime
        return (self._recycle < 0 or age < self._recycle) and not is_doubtful(record)

    def _has_room(self) -> bool:
        return self.checkedout() + self._called < self.size() + self._max_overflow

    async def _wait(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            async with asyncio.timeout(self.timeout()):
                await turn
        except BaseException as error:
            if not turn.cancelled():  # it came, too late
                self._called -= 1
                self._call_next()
            if isinstance(error, TimeoutError):
                raise Unavailable from error
            raise
        self._called -= 1

    def _call_next(self) -> None:
        while self._line and self._has_room():
            turn = self._line.popleft()
            if not turn.cancelled():
                turn.set_result(None)
                self._called += 1
