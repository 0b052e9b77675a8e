"""A worker whose recurring tasks are due by the time in a file. Argument: the file."""

import asyncio
import sys
from datetime import datetime
from pathlib import Path

from my_service.core.jobs import worker
from my_service.core.jobs.schedule import Schedule
from my_service.core.jobs.task import import_tasks
from my_service.settings import settings


class InjectedClock(Schedule):
    """Recurring tasks by the clock in the file."""

    async def enqueue(self, moment: datetime) -> int:
        return await super().enqueue(injected())


def injected() -> datetime:
    return datetime.fromisoformat(Path(sys.argv[1]).read_text())


vars(worker)["Schedule"] = InjectedClock
worker.POLL = 0.02
import_tasks(settings)
asyncio.run(worker.Worker(concurrency=1).run())
