# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Who uses the admin: a member of staff, by the session cookie of `core.auth`."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.requests import Request
from starlette_admin.exceptions import ActionFailed

from ...settings import settings
from ..auth import Access, GroupMember, GroupPermission, Identity, UserPermission
from ..auth.cookies import session_token
from ..db import utc_now


@dataclass(frozen=True)
class Visitor:
    """A member of staff and the permissions, read once for each request."""

    identity: Identity
    permissions: frozenset[str]

    def may(self, permission: str) -> bool:
        return self.identity.is_superuser or permission in self.permissions


async def find_identity(request: Request) -> Identity | None:
    """Return whose session the request carries; None without a valid session."""
    token = session_token(request)
    return None if token is None else await access().find(token)


async def visitor_with_permissions(session: AsyncSession, who: Identity) -> Visitor:
    own = select(UserPermission.permission).where(UserPermission.user_id == who.id)
    by_group = (
        select(GroupPermission.permission)
        .join(GroupMember, GroupMember.group_id == GroupPermission.group_id)
        .where(GroupMember.user_id == who.id)
    )
    either = union_all(own, by_group)
    names: list[str] = [] if who.is_superuser else [*await session.scalars(either)]
    return Visitor(who, frozenset(names))


def text_of(error: AnyHTTPException) -> str:
    """Return what an error says to people; its detail may be the members of a problem."""
    detail: Any = error.detail
    return detail if isinstance(detail, str) else str(detail["detail"])


def visitor_of(request: Request) -> Visitor:
    visitor: Visitor = request.state.visitor
    return visitor


def require_recent_login(request: Request) -> None:
    """Refuse what is destructive to a session that did not give the password lately."""
    minutes = settings.auth_recent_minutes
    at = visitor_of(request).identity.authenticated_at
    if at is None or at < utc_now() - timedelta(minutes=minutes):
        raise ActionFailed(
            f"This needs a login within the last {minutes} minutes. Log in again, then repeat."
        )


@cache
def access() -> Access[Identity]:
    return Access(Identity)
