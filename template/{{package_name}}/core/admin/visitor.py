# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Who uses the admin: a member of staff, by the session cookie of `core.auth`."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

from fastapi import HTTPException
from sqlalchemy import bindparam, select, union_all
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.requests import Request
from starlette_admin.auth import AdminUser

from ...settings import settings
from ..auth import (
    Access,
    GroupMember,
    GroupPermission,
    Identity,
    UserPermission,
)
from ..auth.cookies import session_token
from ..auth.origins import is_unsafe, refuse_other_origins
from ..db import Prepared, prepare, utc_now
from ..web import Schema


class Granted(Schema):
    permission: str


@dataclass
class Visitor(AdminUser):
    """A member of staff and the permissions, read once for each request."""

    who: Identity | None = None
    permissions: frozenset[str] = field(default_factory=frozenset[str])

    @property
    def identity(self) -> Identity:
        if self.who is None:
            raise HTTPException(401, "Log in to use the admin.")
        return self.who

    def may(self, permission: str) -> bool:
        return self.identity.is_superuser or permission in self.permissions


async def find_visitor(request: Request) -> Visitor | None:
    """Return whose session the request carries; None without a valid session.

    Raises:
        HTTPException: 403 for another website's request, and for users who are not staff.
    """
    token = session_token(request)
    if token is None:
        return None
    if is_unsafe(request):
        refuse_other_origins(request)
    who = await access().find(token)
    if who is None:
        return None
    if not (who.is_staff or who.is_superuser):
        raise HTTPException(403, "The admin is for staff. Log in with another account.")
    rows = [] if who.is_superuser else await granted().all(user=who.id)
    return Visitor(who.email, None, who, frozenset(row.permission for row in rows))


def text_of(error: AnyHTTPException) -> str:
    """Return what an error says to people; its detail may be the members of a problem."""
    detail: Any = error.detail
    return detail if isinstance(detail, str) else str(detail["detail"])


def visitor_of(request: Request) -> Visitor:
    visitor: Visitor = request.state.admin_user
    return visitor


def require_recent_login(request: Request) -> None:
    """Refuse what is destructive to a session that did not give the password lately.

    Raises:
        HTTPException: 403.
    """
    minutes = settings.auth_recent_minutes
    at = visitor_of(request).identity.authenticated_at
    if at is None or at < utc_now() - timedelta(minutes=minutes):
        raise HTTPException(
            403, f"This needs a login within the last {minutes} minutes. Log in again, then repeat."
        )


@cache
def access() -> Access[Identity]:
    return Access(Identity)


@cache
def granted() -> Prepared[Granted]:
    own = select(UserPermission.permission).where(UserPermission.user_id == bindparam("user"))
    by_group = (
        select(GroupPermission.permission)
        .join(GroupMember, GroupMember.group_id == GroupPermission.group_id)
        .where(GroupMember.user_id == bindparam("user"))
    )
    either = union_all(own, by_group).subquery()
    return prepare(select(either.c.permission), Granted, primary=True)
