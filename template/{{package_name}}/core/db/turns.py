# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Lets the units of work of a process take turns while they conflict with other servers' units.

Where several servers accept writes, a unit of work waits for the row locks of its own server only. If
units on three servers change a row at once, two of them fail at the COMMIT. While many clients want that
row, a unit that runs again meets as many others as before, however long it has paused: two of three
attempts fail, and one unit in a hundred fails eleven times. Fewer units at once fail less often.
"""

import asyncio
import math
import time
from contextvars import ContextVar, Token
from random import SystemRandom

from ...settings import settings

FIRST = 0.01  # seconds: the longest pause after the first conflict; doubled after each
LONGEST = 0.32
DECREASE = 0.75  # after each success: the pause is stable when a quarter of the attempts fail
LEAST = 0.001  # shorter pauses end the turns
MEMORY = 10  # seconds after the last conflict, after which the turns end too

has_turn: ContextVar[bool] = ContextVar("has_turn", default=False)


class Turns:
    """Whether units of work take turns, and how long each pauses before.

    As on a shared line, pauses are random, and lengthen after each conflict and shorten after each
    success. So the servers find a rate at which most attempts succeed.
    """

    def __init__(self) -> None:
        self._pause = 0.0
        self._conflicted_at = -math.inf  # by time.monotonic()
        self._lock: asyncio.Lock | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def pause(self) -> float:
        """The longest pause; 0 if all units run at once."""
        is_recent = time.monotonic() - self._conflicted_at < MEMORY
        return self._pause if is_recent and self._pause >= LEAST else 0.0

    def note_conflict(self) -> None:
        self._pause = min(max(FIRST, self.pause * 2), LONGEST)
        self._conflicted_at = time.monotonic()

    def note_success(self) -> None:
        self._pause = self.pause * DECREASE

    def lock(self) -> asyncio.Lock:
        """Return the lock of the running event loop."""
        loop = asyncio.get_running_loop()
        if self._lock is None or self._loop is not loop:
            self._loop, self._lock = loop, asyncio.Lock()
        return self._lock


class Turn:
    """The attempts of one unit of work. It keeps its turn until its block ends.

    A unit that runs inside another one, such as a request that a handler sends to its own service,
    needs no turn if the outer one has a turn.
    """

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self._held: tuple[asyncio.Lock, Token[bool]] | None = None

    async def __aenter__(self) -> "Turn":
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._held is not None:
            lock, token = self._held
            has_turn.reset(token)
            lock.release()

    async def wait(self) -> None:
        """Before each attempt: wait for the turn, no longer than for a connection, and pause."""
        if not self.turns.pause:
            return
        if not has_turn.get():
            lock = self.turns.lock()
            try:
                async with asyncio.timeout(settings.db_pool_timeout):
                    await lock.acquire()
            except TimeoutError:
                return
            self._held = lock, has_turn.set(True)
        await asyncio.sleep(SystemRandom().uniform(0, self.turns.pause))
