# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What an orchestrator asks: is the process alive, may it have traffic.

Both are answered whatever the Host header says, since probes send an address for it, and are
logged at DEBUG while all is well. During a shutdown there is nothing to report: the server has
closed its socket.
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
    """The process answers. The database is not asked: restarting a process does not mend it."""
    return Health()


@router.head("/ready", include_in_schema=False)
@router.get("/ready", responses=problems(503))
async def ready() -> Health:
    """The database answers too. Else 503, until it does."""
    await ping()
    return Health()
