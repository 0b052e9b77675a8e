"""The users' repository."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from ...core.auth import Group, GroupMember
from ...core.db import Key, NotFound, Repository
from .models import User


class UserRepository(Repository[User]):
    model = User

    async def other_superuser(self, key: Key) -> bool:
        """Return whether there is an active superuser besides this one, and lock that one."""
        others = select(User.id).where(User.is_superuser, User.is_active, User.id != key)
        return await self.session.scalar(others.limit(1).with_for_update()) is not None

    async def set_groups(self, key: Key, names: Sequence[str]) -> None:
        """Make a user a member of these groups only.

        Raises:
            NotFound: no such group.
        """
        found = await self.session.execute(
            select(Group.name, Group.id).where(Group.name.in_(names))
        )
        groups = dict(found.tuples().all())
        for name in names:
            if name not in groups:
                raise NotFound(f"No such group: {name!r}.")
        await self.session.execute(delete(GroupMember).where(GroupMember.user_id == key))
        self.session.add_all(
            [GroupMember(group_id=group, user_id=key) for group in groups.values()]
        )
        await self.session.flush()
