# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Makes a job safe to repeat: a key is stored together with the job's effects."""

from hashlib import sha256
from typing import cast
from uuid import uuid4

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..db import utc_now
from ..db.driver.upsert import upsert
from .models import JobOnce

TABLE = cast("Table", JobOnce.__table__)
INSERT = upsert(TABLE, by=[TABLE.c.key], update={})


async def once(session: AsyncSession, key: str) -> bool:
    """Store a key, and return whether it is new: True for one committed unit of work, ever.

    A job that is repeated after its effects were committed finds its key and skips them:

        async with transaction() as session:
            if await once(session, f"invoice:{order_id}"):
                ...  # write the invoice

    A second unit with the same key waits until the first has ended. Keys are deleted after 30 days.

    Args:
        session: of the unit of work that writes the effects.
        key: of any length, such as the task's name with the id of what it works on.
    """
    key, token = sha256(key.encode()).hexdigest(), uuid4()
    await session.execute(INSERT, {"key": key, "token": token, "created_at": utc_now()})
    return await session.scalar(select(JobOnce.token).where(JobOnce.key == key)) == token
