# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The connection pool, which serves waiters in the order of their arrival."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry, PoolProxiedConnection

from .errors import Unavailable
from .events import is_doubtful, known_error, note_use
from .greenlets import call, wait_for


class Pool(AsyncAdaptedQueuePool):
    """SQLAlchemy's pool for asyncio, but first come, first served.

    SQLAlchemy's gives a returned connection to whoever asks first, and puts the waiter that it woke
    back at the end of the queue: under load some would wait ten times as long as others.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._idle: list[ConnectionPoolEntry] = []  # the last used, likeliest to work, is next
        self._kept: list[PoolProxiedConnection] = []  # idle, and ready for `take`
        self._open = 0  # connections, idle or in use
        self.waiters: deque[asyncio.Future[bool]] = deque()  # True: it is the waiter's turn
        self._called = 0  # waiters whose turn it is, and who have not connected yet
        self._admitted = False  # True while a caller that has already waited is connecting

    async def take(self) -> PoolProxiedConnection:
        """Take a connection for driver-level use; return it with `give_back`.

        This is `connect` without a greenlet and without SQLAlchemy's work around each use, which
        together cost a third of a request.
        """
        if self.waiters or not self._has_room():
            await self.wait()
        if self._kept and self._is_sure(self._kept[-1]):
            return self._kept.pop()
        self._admitted = True
        return await call(self.connect)

    async def give_back(self, connection: PoolProxiedConnection) -> None:
        """Return an idle connection: no statement running, no transaction open."""
        if self._keeps_more():
            note_use(connection.info)
            self._kept.append(connection)
            self._call_next()
        else:
            await call(connection.close)

    def size(self) -> int:
        return self._pool.maxsize

    def checkedin(self) -> int:
        return len(self._idle) + len(self._kept)

    def checkedout(self) -> int:
        return self._open - self.checkedin()

    def overflow(self) -> int:
        return self._open - self.size() if self.size() else 0  # no size is no limit

    def dispose(self) -> None:
        while self._kept:
            self._kept.pop().close()
        while self._idle:
            self._idle.pop().close()
        self._open = 0

    def drop(self) -> None:
        """End the idle connections without a farewell to the server."""
        for each in (*self._kept, *self._idle):
            each.invalidate()

    def _do_get(self) -> ConnectionPoolEntry:
        admitted, self._admitted = self._admitted, False
        if not admitted and (self.waiters or not self._has_room()):
            wait_for(self.wait())
        if self._kept and not self._idle:
            self._check_in(self._kept.pop())
        if self._idle:
            return self._idle.pop()
        self._open += 1
        try:
            return self._create_connection()
        except BaseException:
            self._open -= 1
            self._call_next()
            raise

    def _do_return_conn(self, record: Any) -> None:
        record.record_info["returned"] = True
        try:
            if record.dbapi_connection is not None and self._keeps_more():
                self._idle.append(record)
            else:
                self._open -= 1
                record.close()
        finally:
            self._call_next()

    def _create_connection(self) -> ConnectionPoolEntry:
        record: Any = super()._create_connection()
        record.checkin = partial(self._checkin, record, record.checkin)
        return cast("ConnectionPoolEntry", record)

    def _checkin(self, record: Any, checkin: Callable[..., None], *args: Any, **named: Any) -> None:
        """Check a connection in; if that fails, close it and free its slot.

        It fails when a listener raises or a reset is cancelled. SQLAlchemy then forgets the record.
        """
        record.record_info["returned"] = False
        try:
            checkin(*args, **named)
        except BaseException as error:
            if not record.record_info["returned"]:
                record.finalize_callback.clear()
                try:
                    record.invalidate(error)
                    checkin(_fairy_was_created=False)  # its listeners may hold a lock
                finally:
                    if not record.record_info["returned"]:
                        self._do_return_conn(record)
            if known_error(error, lost=False) is None:  # else it was lost: no caller's error
                raise

    def _check_in(self, kept: PoolProxiedConnection) -> None:
        """Make a kept connection an idle one, for the caller whose turn it is."""
        info, used = kept.info, kept.info["in use until"]
        self._called += 1  # so that no waiter takes it
        try:
            kept.close()
            info["in use until"] = used  # as it was not used now, it may need a ping
        finally:
            self._called -= 1

    def _is_sure(self, connection: PoolProxiedConnection) -> bool:
        """Whether a connection can be used without a ping."""
        opened: float = connection.info["opened"]
        if 0 <= self._recycle <= time.time() - opened or opened <= self._invalidate_time:
            return False  # too old
        return connection.is_valid and not is_doubtful(connection.info)

    def _keeps_more(self) -> bool:
        return self.size() == 0 or self.checkedin() < self.size()

    def _has_room(self) -> bool:
        most = self.size() + self._max_overflow
        return self._max_overflow < 0 or self.checkedout() + self._called < most

    async def wait(self) -> None:
        """Wait for the turn of this caller."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[bool] = loop.create_future()
        self.waiters.append(turn)
        limit = loop.call_later(self.timeout(), self._give_up, turn)
        try:
            admitted = await turn
        except BaseException:
            if not turn.cancelled() and turn.result():  # the turn came too late
                self._called -= 1
                self._call_next()
            raise
        finally:
            limit.cancel()
        if not admitted:
            busy = f"all {self.checkedout()} connections of the pool were in use"
            raise Unavailable from TimeoutError(busy)
        self._called -= 1

    def _give_up(self, turn: asyncio.Future[bool]) -> None:
        if not turn.done():
            turn.set_result(False)

    def _call_next(self) -> None:
        while self.waiters and self._has_room():
            turn = self.waiters.popleft()
            if not turn.done():
                turn.set_result(True)
                self._called += 1
