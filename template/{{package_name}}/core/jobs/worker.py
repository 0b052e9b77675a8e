# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""A worker: takes jobs from the queues and runs them, several at once, until it is stopped."""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from dataclasses import dataclass
from enum import Enum, auto
from uuid import UUID, uuid4

from sqlalchemy.exc import DBAPIError

from ...settings import settings
from ..db import Conflict, DatabaseError, LockTimeout, NotFound, StaleData, Unavailable
from . import claims
from .cleaning import clean
from .exits import contained
from .models import JobState
from .queue_sql import listening
from .running import RunningJob, Values, cancelled, current, failed, run, succeeded
from .schedule import Schedule

POLL = 1.0  # seconds between looks at the queues
LAST_MOMENT = 5.0  # seconds for cancelled jobs to end
PASSING = (Conflict, LockTimeout, Unavailable)  # errors after which the worker tries again
LOST = (NotFound, StaleData)  # the job belongs to another worker by now
NOT_BY_WORKER = "the job was cancelled, but not by its worker"
EXPIRED = "the worker lost its lease: a job blocked the event loop, or the database did not answer"

logger = logging.getLogger(__name__)


class Reason(Enum):
    """Why a worker has cancelled a job."""

    ASKED = auto()
    LEASE_LOST = auto()
    SHUTDOWN = auto()


@dataclass(eq=False)
class Running:
    """A running job, the lease that it runs under, and why it was cancelled."""

    job: RunningJob
    lease: UUID
    call: asyncio.Task[object]
    reason: Reason | None = None

    def cancel(self, reason: Reason) -> None:
        if self.reason is None:
            self.reason = reason
            self.call.cancel()

    def outcome(self) -> Values | None:
        """What becomes of the job, whose call has ended.

        Raises:
            CancelledError: the job returns to the queue.
        """
        if not self.call.cancelled():
            error = self.call.exception()
            return succeeded(self.call.result()) if error is None else failed(self.job, error)
        if self.reason is Reason.ASKED:
            return cancelled()
        if self.reason is Reason.SHUTDOWN:
            raise asyncio.CancelledError
        text = NOT_BY_WORKER if self.reason is None else EXPIRED
        return failed(self.job, RuntimeError(text))


class Worker:
    """Runs jobs at least once, and returns what it cannot finish to the queue.

    Args:
        queues: names of the queues to serve; by default all.
        concurrency: jobs that run at once.
        once: end when no job is ready.
    """

    def __init__(self, *, queues: Sequence[str] = (), concurrency: int, once: bool = False) -> None:
        self.lease = uuid4()  # the key of the worker's row, once it is registered
        self._queues = list(queues)
        self._concurrency = concurrency
        self._once = once
        self._schedule = Schedule()
        self._names: list[str] = []  # queues that may have a ready job, the next to serve first
        self._running: dict[asyncio.Task[None], Running] = {}  # by the task that sees to its end
        self._taking = asyncio.Lock()  # while jobs are taken that are not yet in `_running`
        self._wake = asyncio.Event()
        self._expiry: asyncio.TimerHandle | None = None
        self._stopping = False

    def stop(self) -> None:
        """Take no more jobs, and let `run` return; the second time, without waiting for jobs."""
        if self._stopping:
            self._cancel_all(Reason.SHUTDOWN)
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Work until `stop` is called. Cancelled, it does not wait for jobs.

        Raises:
            Unavailable: the database cannot be reached at the start; later it is waited for.
        """
        await self._register()
        every = {self._beat: settings.jobs_lease / 6}
        if not self._once:
            every |= {self._look: POLL, self._clean: settings.jobs_lease / 3}
        chores = [asyncio.create_task(self._repeat(*each)) for each in every.items()]
        try:
            with contained(is_job=lambda: current.get(None) is not None):
                async with listening(self._notice):
                    await self._work()
        except asyncio.CancelledError:
            self._cancel_all(Reason.SHUTDOWN)
            raise
        finally:
            await self._finish()
            for chore in chores:
                chore.cancel()
            await asyncio.wait(chores)
            with suppress(*PASSING):  # or the lease will expire
                await claims.leave(self.lease)
        for chore in chores:
            if not chore.cancelled():
                chore.result()  # raises the error that has ended it

    async def _repeat(self, chore: Callable[[], Awaitable[None]], seconds: float) -> None:
        """Do something regularly, in a separate task: the start of jobs does not wait for it."""
        try:
            while True:
                async with trying_again():
                    await chore()
                self._wake.set()
                await asyncio.sleep(seconds)
        finally:
            self.stop()

    async def _work(self) -> None:
        while not self._stopping:
            self._wake.clear()
            async with trying_again():
                if await self._start_jobs():
                    continue
                if self._once and not self._running:
                    await self._clean()
                    await self._look()
                    if not await self._start_jobs():
                        return
            await self._wake.wait()  # until a job is enqueued or ends, or the next look

    async def _look(self) -> None:
        """Do what is due by the database's clock, and find the queues that have a ready job."""
        seen = await claims.look()
        if await self._schedule.enqueue(seen.moment) or seen.is_due:
            await claims.promote()
            seen = await claims.look()
        for name in seen.queues:
            self._notice(name)

    async def _clean(self) -> None:
        """Return the jobs of lost workers to the queue, and delete what is no longer kept."""
        moment = (await claims.look()).moment
        await claims.recover(moment, settings.jobs_lease)
        await clean(moment)

    def _notice(self, queue: str) -> None:
        """Take jobs of a queue now: it has a ready one."""
        if queue not in self._names and (not self._queues or queue in self._queues):
            self._names.append(queue)
        self._wake.set()

    async def _start_jobs(self) -> int:
        """Start ready jobs, as many as may run; return their number."""
        free = self._concurrency - len(self._running)
        if free <= 0 or self._stopping or not self._names:
            return 0
        async with self._taking:
            lease, names, self._names = self.lease, self._names, []
            jobs, more = await claims.take(lease, names, free)
            more += [name for name in self._names if name not in more]  # noticed meanwhile
            self._names = [*more[1:], *more[:1]]
            for job in jobs:
                call = asyncio.create_task(run(job), context=Context())
                running = Running(job, lease, call)
                end = asyncio.create_task(self._see_to(running), context=Context())
                self._running[end] = running
                end.add_done_callback(self._forget)
        return len(jobs)

    async def _see_to(self, running: Running) -> None:
        """Wait for a job's end, write what becomes of it, and look for jobs that it has enqueued."""
        job = running.job
        await asyncio.wait({running.call})
        values = running.outcome()
        log_end(job, values)
        while True:
            try:
                await claims.record(job.id, running.lease, values)
                break
            except PASSING:
                await asyncio.sleep(POLL)
            except LOST:
                logger.warning("job %s of %s runs again: the lease was lost", job.id, job.task)
                break
            except (DatabaseError, DBAPIError) as error:  # the database does not store the result
                values = failed(job, error)
                await asyncio.sleep(POLL)
        if not (self._names or self._taking.locked() or self._stopping):
            with suppress(*PASSING):  # or the next look finds them
                await self._look()

    def _forget(self, end: asyncio.Task[None]) -> None:
        del self._running[end]
        self._wake.set()
        if not end.cancelled() and end.exception() is not None:
            logger.error("a job's end could not be written", exc_info=end.exception())

    async def _register(self) -> None:
        started = asyncio.get_running_loop().time()
        name = f"{socket.gethostname()}:{os.getpid()}"
        self.lease = await claims.register(name, self._queues, self._concurrency)
        self._extend(started)

    def _extend(self, started: float) -> None:
        """Cancel all jobs when the lease expires, before other workers may take them."""
        if self._expiry is not None:
            self._expiry.cancel()
        loop, end = asyncio.get_running_loop(), started + settings.jobs_lease
        self._expiry = loop.call_at(end, self._cancel_all, Reason.LEASE_LOST)

    def _cancel_all(self, reason: Reason) -> None:
        for running in self._running.values():
            running.cancel(reason)

    async def _beat(self) -> None:
        """Extend the lease, and compare the jobs that run with those of the database."""
        started, known = asyncio.get_running_loop().time(), list(self._running.values())
        states = await claims.beat(self.lease)
        if states is None:
            logger.warning("the worker has lost its lease: its jobs are cancelled")
            self._cancel_all(Reason.LEASE_LOST)
            async with self._taking:  # until those that are being taken run too
                self._cancel_all(Reason.LEASE_LOST)
                await self._register()
            return
        self._extend(started)
        for running in known:
            state = states.pop(running.job.id, None) if running.lease == self.lease else None
            if state is JobState.CANCELLING:
                running.cancel(Reason.ASKED)
            elif state is None:
                running.cancel(Reason.LEASE_LOST)
        if states and not self._taking.locked():  # taken by a transaction whose answer was lost
            lost = states.keys() - {running.job.id for running in self._running.values()}
            await claims.give_back(self.lease, list(lost))

    async def _finish(self) -> None:
        """Wait for the running jobs, and cancel those that take too long."""
        if self._running:
            await asyncio.wait(self._running, timeout=settings.jobs_shutdown_timeout)
        self._cancel_all(Reason.SHUTDOWN)
        if self._running:
            await asyncio.wait(self._running, timeout=LAST_MOMENT)


@asynccontextmanager
async def trying_again() -> AsyncGenerator[None]:
    """Log an error of the block after which the worker tries again."""
    try:
        yield
    except PASSING as error:
        logger.warning("the worker tries again: %r", error.__cause__ or error)
    except ValueError:
        if not await claims.renew_ids():
            raise


def log_end(job: RunningJob, values: Values | None) -> None:
    """Log what becomes of a job, with the last line of its error."""
    state = JobState.DONE if values is None else values["state"]
    error = None if values is None else values.get("error")
    if error:
        reason = error.rstrip(" \n+-").rpartition("\n")[2].lstrip(" |")  # a group has a frame
        logger.warning("job %s of %s: %s, %s", job.id, job.task, state.value, reason)
    else:
        logger.info("job %s of %s: %s", job.id, job.task, state.value)
