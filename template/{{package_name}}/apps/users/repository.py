"""The users' repository."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from ...core.auth import Group, GroupMember
from ...core.db import Key, NotFound, Repository
from .models import User


class UserRepository(Repository[User]):
    model = User

    async def lock_with_superusers(self, key: Key) -> tuple[User, list[User]]:
        """Lock a user and all other superusers, in the order of their keys.

        Two superusers who change each other at once wait for each other, and do not deadlock.

        Raises:
            NotFound: no such user.
        """
        superusers = select(User.id).where(User.is_superuser, User.is_active, User.id != key)
        user, *others = await self.lock(key, *await self.session.scalars(superusers))
        return user, others

    async def set_groups(self, key: Key, names: Sequence[str]) -> None:
        """Make a user a member of these groups only.

        Raises:
            NotFound: no such group.
        """
        found = await self.session.execute(
            select(Group.name, Group.id).where(Group.name.in_(names))
        )
        groups = dict(found.all())
        for name in names:
            if name not in groups:
                raise NotFound(f"No such group: {name!r}.")
        await self.session.execute(delete(GroupMember).where(GroupMember.user_id == key))
        self.session.add_all(
            [GroupMember(group_id=group, user_id=key) for group in groups.values()]
        )
        await self.session.flush()
