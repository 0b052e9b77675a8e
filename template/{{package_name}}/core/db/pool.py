# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The pool of connections, for which those who want one stand in line."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from sqlalchemy.pool import (
    AsyncAdaptedQueuePool,
    ConnectionPoolEntry,
    PoolProxiedConnection,
)
from sqlalchemy.util import await_only, greenlet_spawn

from .errors import Unavailable
from .events import is_doubtful, note_use


class Pool(AsyncAdaptedQueuePool):
    """SQLAlchemy's pool for asyncio, but who has waited longest is next.

    SQLAlchemy's gives a connection that comes back to whoever asks first, and sends the one that
    it woke up back to the end: of many at once, some would wait ten times as long as others.

    The connection that was used last is given first: it is the surest to work.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._idle: list[ConnectionPoolEntry] = []
        self._kept: list[PoolProxiedConnection] = []  # idle too, and ready to be used as they are
        self._open = 0  # connections, whether idle or not
        self._line: deque[asyncio.Future[None]] = deque()
        self._called = 0  # those whose turn it is, and who have not taken it yet
        self._admitted = False  # who connects now has had his turn

    async def take(self) -> PoolProxiedConnection:
        """A connection for some statements of its driver's own; `give_back` ends it.

        It is `connect` without a greenlet, for which Python maps memory each time, and without
        what SQLAlchemy does around each use: together a third of a request.

        Raises:
            DatabaseError: none became free in time, or none could be opened.
        """
        if self._line or not self._has_room():
            await self._wait()
        while self._kept:
            connection = self._kept.pop()
            if connection.is_valid and self._is_sure(connection.info):
                return connection
            self._admit(connection.close)
        self._admitted = True
        return await greenlet_spawn(self.connect)

    async def give_back(self, connection: PoolProxiedConnection) -> None:
        """Have a connection back, all of whose statements were answered and left nothing open."""
        if self.checkedin() < self.size():
            note_use(connection.info)
            self._kept.append(connection)
            self._call_next()
        else:
            await greenlet_spawn(connection.close)

    def size(self) -> int:
        return self._pool.maxsize

    def checkedin(self) -> int:
        return len(self._idle) + len(self._kept)

    def checkedout(self) -> int:
        return self._open - self.checkedin()

    def overflow(self) -> int:
        return self._open - self.size()

    def dispose(self) -> None:
        while self._kept:
            self._kept.pop().close()
        while self._idle:
            self._idle.pop().close()
        self._open = 0

    def _do_get(self) -> ConnectionPoolEntry:
        admitted, self._admitted = self._admitted, False
        if not admitted and (self._line or not self._has_room()):
            await_only(self._wait())
        if self._kept and not self._idle:
            self._admit(self._kept.pop().close)
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
        try:
            if record.dbapi_connection is not None and self.checkedin() < self.size():
                self._idle.append(record)
            else:
                self._open -= 1
                record.close()
        finally:
            self._call_next()

    def _admit(self, make_room: Callable[[], None]) -> None:
        """Have a connection come back for whose turn it is, and not for the next in line."""
        self._called += 1
        make_room()
        self._called -= 1

    def _is_sure(self, info: dict[Any, Any]) -> bool:
        """Whether a connection needs no look before it is used."""
        opened: float = info["opened"]
        is_new = self._recycle < 0 or time.time() - opened < self._recycle
        return is_new and opened > self._invalidate_time and not is_doubtful(info)

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
