# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Limits: so many uses in so much time, counted in the database, by all processes together.

A use is counted in a separate unit of work, since the caller's may be rolled back.
"""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, cast

from fastapi import HTTPException
from sqlalchemy import Table, delete, select
from starlette.requests import HTTPConnection

from ..db import on_primary, transaction, utc_now
from ..db.driver.upsert import upsert
from ..db.session import commits
from .client import network
from .models import RateLimit

TABLE = cast("Table", RateLimit.__table__)
PERIODS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}

COUNT = upsert(TABLE, by=[TABLE.c.key], update={"count": TABLE.c.count + 1})


class Limit:
    """A number of uses in a period, such as "10/minute", "100/10 minutes" or "5/hour".

    Raises:
        ValueError: the text is not a limit.
    """

    def __init__(self, text: str) -> None:
        found = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)? ?(second|minute|hour|day)s?", text)
        if found is None:
            raise ValueError(f'{text!r} is not a limit; use one like "10/minute" or "5/2 hours"')
        self.most = int(found[1])
        self.period = int(found[2] or 1) * PERIODS[found[3]]  # seconds

    async def use(self, action: str, caller: str) -> None:
        """Count a use of an action by a caller.

        Raises:
            HTTPException: 429, with the seconds until the next period.
        """
        now = utc_now()
        start = int(now.timestamp()) // self.period * self.period
        end = datetime.fromtimestamp(start + self.period, UTC)
        key = self._key(action, caller, start)
        with on_primary():
            async with transaction() as session:
                row = {"key": key, "count": 1, "expires_at": end}
                await session.execute(COUNT, row)
                count = await session.scalar(select(TABLE.c.count).where(TABLE.c.key == key))
        if (count or 0) > self.most:
            seconds = max(1, int((end - now) / timedelta(seconds=1)) + 1)
            members = {
                "type": "urn:problem:too-many-requests",
                "detail": f"Try again in {seconds} seconds.",
            }
            raise HTTPException(429, members, {"Retry-After": str(seconds)})

    async def forget(self, action: str, caller: str) -> None:
        """Start again from zero."""
        start = int(utc_now().timestamp()) // self.period * self.period
        async with transaction() as session:
            key = self._key(action, caller, start)
            await session.execute(delete(RateLimit).where(RateLimit.key == key))

    def _key(self, action: str, caller: str, start: int) -> str:
        """Of a counter: each limit has its own, also where several apply to an action."""
        text = f"{action}\n{caller}\n{self.most}/{self.period}\n{start}"
        return sha256(text.encode()).hexdigest()


def limit(text: str) -> Callable[[HTTPConnection], Awaitable[None]]:
    """Return a dependency that limits a route for each client address: `Depends(limit("10/minute"))`.

    Raises:
        ValueError: the text is not a limit.
    """
    allowed = Limit(text)

    async def count(connection: HTTPConnection) -> None:
        counted: list[Limit] = connection.scope.setdefault("limits", [])
        if allowed in counted:
            return  # the request runs again after a conflict
        route: Any = connection.scope.get("route")
        token = commits.set([])  # not those of the request
        await allowed.use(f"{connection.scope.get('method')} {route.path}", network(connection))
        commits.reset(token)
        counted.append(allowed)

    return count
