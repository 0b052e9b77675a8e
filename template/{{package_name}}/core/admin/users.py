# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The pages of users: only superusers change rights, and nobody sees a password's hash."""

from collections.abc import Sequence
from typing import Any

from fastapi import HTTPException
from sqlalchemy import select
from starlette.requests import Request
from starlette_admin import RequestAction
from starlette_admin.actions import link_row_action, row_action
from starlette_admin.exceptions import ActionFailed
from starlette_admin.fields import BaseField
from starlette_admin.helpers import view_list_url

from .. import auth
from .views import ModelAdmin
from .visitor import require_recent_login, visitor_of

RIGHTS = ("is_active", "is_staff", "is_superuser")
FOR_SUPERUSERS = ("is_staff", "is_superuser")


class UserAdmin(ModelAdmin):
    """The pages of the users. People sign up themselves, and change their address themselves."""

    columns: Sequence[str] = ("email", "is_active", "is_staff", "is_superuser", "created_at")
    search: Sequence[str] = ("email",)
    readonly: Sequence[str] = ("email", "confirmed_at")

    def can_create(self, request: Request) -> bool:
        return False

    def can_delete(self, request: Request) -> bool:
        """Users are deactivated: their rows refer to them."""
        return False

    def can_access_field(
        self, request: Request, field: BaseField, action: RequestAction | None = None
    ) -> bool:
        asked = action if action is not None else request.state.action
        if asked.is_form() and field.name in FOR_SUPERUSERS:
            return visitor_of(request).identity.is_superuser
        return super().can_access_field(request, field, action)

    @link_row_action("sessions", "Sessions")
    def sessions_of(self, request: Request, pk: Any) -> str:
        return f"{view_list_url(request, 'auth-token')}?q={pk}"

    async def is_row_action_allowed(self, request: Request, name: str) -> bool:
        if name == "sessions":
            return self.views["auth-token"].is_accessible(request)
        return await super().is_row_action_allowed(request, name)

    @row_action("end", "End sessions", "End all sessions, and revoke all tokens?")
    async def end_sessions(self, request: Request, pk: Any) -> None:
        require_recent_login(request)
        user, actor = await self.find_by_pk(request, pk), visitor_of(request).identity
        if user.is_superuser and not actor.is_superuser:
            raise ActionFailed("Only superusers change superusers.")
        await auth.delete_tokens(request.state.session, user.id)
        who = {"user_id": user.id, "actor_id": actor.id}
        await auth.record("sessions_ended", connection=request, **who)

    async def edit(self, request: Request, pk: Any, data: dict[str, Any]) -> Any:
        """Change a user. Sessions of a deactivated user end."""
        require_recent_login(request)
        actor = visitor_of(request).identity
        session = request.state.session
        model = auth.user_model()
        locked = select(model).where(model.is_superuser).order_by(model.id).with_for_update()
        superusers = [*await session.scalars(locked)]
        user = await self.find_by_pk(request, pk)
        if user.is_superuser and not actor.is_superuser:
            raise HTTPException(403, "Only superusers change superusers.")
        before = {name: getattr(user, name) for name in RIGHTS}
        changed = await super().edit(request, pk, data)
        after = {name: getattr(changed, name) for name in RIGHTS}
        left = any(each.is_superuser and each.is_active for each in superusers)
        if before["is_superuser"] and not left:
            raise HTTPException(409, "This is the last superuser.")
        if not changed.is_active:
            await auth.delete_tokens(session, changed.id)
        rights = {name: value for name, value in after.items() if value != before[name]}
        if rights:
            who = {"user_id": changed.id, "actor_id": actor.id}
            await auth.record("rights_changed", connection=request, **who, **rights)
        return changed


def views_of_core() -> list[type[ModelAdmin]]:
    """Return the pages of users and their rights. Views of an app replace them."""
    rights = (auth.Group, auth.GroupMember, auth.GroupPermission, auth.UserPermission)
    users: type[ModelAdmin] = type("AnyUserAdmin", (UserAdmin,), {"model": auth.user_model()})
    members = [{"model": each, "superusers_only": True} for each in rights]
    return [users, *(type("RightsAdmin", (ModelAdmin,), each) for each in members)]
