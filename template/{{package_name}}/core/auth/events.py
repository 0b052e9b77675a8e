# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Security events: rows for investigations, and lines in the log."""

from typing import Any

import structlog
from pydantic_core import to_jsonable_python
from starlette.requests import HTTPConnection
from structlog.typing import FilteringBoundLogger

from ..db import Key, prepare_insert, utc_now
from .client import client_ip, user_agent
from .models import SecurityEvent, Stored

logger: FilteringBoundLogger = structlog.get_logger()

add_event = prepare_insert(SecurityEvent, Stored)

RIGHTS = {"groups", "is_active", "is_staff", "is_superuser"}


async def record(
    kind: str,
    *,
    user_id: Key | None,
    connection: HTTPConnection | None = None,
    actor_id: Key | None = None,
    **details: Any,
) -> None:
    """Record an event, in the open unit of work, or at once without one.

    Args:
        kind: what happened, such as "login" or "password_changed".
        user_id: whose account it concerns.
        connection: of the client who did it.
        actor_id: another user who did it.
        details: never a secret. Of "rights_changed", values of other fields than rights are left
            out: they are those of any field that the service has added to its users.
    """
    if kind == "rights_changed":
        details = {name: value if name in RIGHTS else "***" for name, value in details.items()}
    details = to_jsonable_python(details, bytes_mode="base64", fallback=str)
    await add_event.one(
        created_at=utc_now(),
        kind=kind,
        user_id=user_id,
        actor_id=actor_id,
        ip_address=client_ip(connection) if connection else None,
        user_agent=user_agent(connection) if connection else None,
        details=details,
    )
    logger.bind(**details).info("security", event_kind=kind, user_id=str(user_id))
