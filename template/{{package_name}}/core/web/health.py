# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Liveness and readiness probes, with any Host header. A 200 is logged at DEBUG.

During a shutdown the server has closed its socket, so probes fail to connect.
"""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from ..db import ping
from .problem import problems

router = APIRouter(prefix="/health", tags=["health"])


class Health(BaseModel):
    status: Literal["ok"] = "ok"


@router.head("/live", include_in_schema=False)
@router.get("/live")
async def live() -> Health:
    """Answer 200 while the process runs, even without the database: a restart would not help."""
    return Health()


@router.head("/ready", include_in_schema=False)
@router.get("/ready", responses=problems(503))
async def ready() -> Health:
    """Answer 200 while the database answers, else 503."""
    await ping()
    return Health()
