# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The tables of the job queue. Their names are singular: no model of an app gets them by default."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, UUIDPrimaryKey


class JobState(StrEnum):
    """What has become of a job.

    `CANCELLING` is a running job whose worker has not yet stopped it.
    """

    SCHEDULED = "scheduled"
    READY = "ready"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class QueuedJob(UUIDPrimaryKey, Base):
    """A call of a task. Workers read the ready jobs of a queue in the order of the first index."""

    __tablename__ = "job"
    __table_args__ = (
        Index(None, "state", "queue", "rank", "id"),
        Index(None, "state", "run_at"),
    )

    task: Mapped[str] = mapped_column(String(200))
    arguments: Mapped[dict[str, Any]] = mapped_column(Json())
    queue: Mapped[str] = mapped_column(String(60))
    rank: Mapped[int]  # minus the priority
    state: Mapped[JobState]
    unique_key: Mapped[str | None] = mapped_column(String(64), unique=True)  # until it has ended
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    run_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    worker_id: Mapped[UUID | None]
    result: Mapped[Any] = mapped_column(Json(), nullable=True)
    error: Mapped[str | None] = mapped_column(Text)


class JobQueue(Base):
    """A queue with a concurrency limit; workers lock its row while they take jobs from it."""

    __tablename__ = "job_queue"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)


class JobWorker(UUIDPrimaryKey, Base):
    """A running worker. Its jobs return to the queue when it has not been seen for a while."""

    __tablename__ = "job_worker"

    name: Mapped[str] = mapped_column(String(200))
    queues: Mapped[str] = mapped_column(Text)
    concurrency: Mapped[int]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class JobSchedule(Base):
    """A time at which a recurring task was due and enqueued."""

    __tablename__ = "job_schedule"

    task: Mapped[str] = mapped_column(String(200), primary_key=True)
    run_at: Mapped[datetime] = mapped_column(primary_key=True)


class JobOnce(Base):
    """A key that `once` has stored with the effects of a job."""

    __tablename__ = "job_once"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)  # a hash of the caller's
    token: Mapped[UUID]  # tells who has stored the key
    created_at: Mapped[datetime] = mapped_column(index=True)
