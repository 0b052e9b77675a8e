# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Permissions: "app.model.view", "add", "change" or "delete", given to users or to groups."""

from functools import cache
from typing import Protocol

from sqlalchemy import bindparam, exists, or_, select

from ..db import Key, Prepared, prepare
from ..web import Schema
from .models import GroupMember, GroupPermission, UserPermission
from .users import user_model


class Person(Protocol):
    """Whoever may have a permission: an identity, or a User."""

    @property
    def id(self) -> Key: ...
    @property
    def is_superuser(self) -> bool: ...


class Permitted(Schema):
    id: Key


async def has_permission(person: Person, permission: str) -> bool:
    """Return whether a user has a permission; superusers have all. One statement."""
    if person.is_superuser:
        return True
    return await permitted().first(user=person.id, permission=permission) is not None


@cache
def permitted() -> Prepared[Permitted]:
    user = user_model()
    own = exists().where(
        UserPermission.user_id == user.id, UserPermission.permission == bindparam("permission")
    )
    by_group = exists().where(
        GroupMember.user_id == user.id,
        GroupPermission.group_id == GroupMember.group_id,
        GroupPermission.permission == bindparam("permission"),
    )
    return prepare(
        select(user.id).where(user.id == bindparam("user"), user.is_active, or_(own, by_group)),
        Permitted,
        primary=True,
    )
