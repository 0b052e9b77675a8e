# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Checks that the tasks can be used, and that workers run the jobs that are due."""

from collections.abc import Iterator

from sqlalchemy import Connection, inspect, select

from ...apps import AppNotFound
from ...jobs.models import QueuedJob
from ...jobs.queue_sql import now
from ...jobs.task import import_tasks
from ...settings import CoreSettings
from .. import job_overview
from .registry import Level, Message, check_database, check_settings, warning

LONGEST_WAIT = 300  # seconds


@check_settings("jobs")
def tasks_can_be_used(settings: CoreSettings) -> Iterator[Message]:
    try:
        import_tasks(settings)
    except AppNotFound:
        return  # reported by another check
    except (TypeError, ValueError) as error:
        yield Message(
            Level.ERROR,
            "jobs.E001",
            f"The tasks cannot be used: {error}",
            "Correct the task that the message names.",
        )


@check_database("jobs")
def workers_run_what_is_due(connection: Connection) -> Iterator[Message]:
    if not inspect(connection).has_table(QueuedJob.__tablename__):
        return  # another check reports the pending migration
    moment, oldest = connection.execute(select(now(), job_overview.OLDEST)).one()
    waited = job_overview.age(moment, oldest) or 0
    if waited > LONGEST_WAIT:
        yield warning(
            "jobs.W001",
            f"The oldest job that is due has waited for {waited:,.0f} seconds.",
            "Start a worker, or more of them: `manage.py worker`. `manage.py jobs stats` lists the "
            "queues and the running workers.",
        )
