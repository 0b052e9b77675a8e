"""Who may call a route: `async def mine(user: CurrentUser) -> …`."""

from typing import Annotated

from fastapi import Depends

from ...core.auth import Access, Identity


class Account(Identity):
    """The current user, as routes see it. Fields that you add are read from User with it."""

    full_name: str | None


access = Access(Account)
requires = access.requires

CurrentUser = Annotated[Account, Depends(access.user)]
OptionalUser = Annotated[Account | None, Depends(access.optional)]
Staff = Annotated[Account, Depends(access.staff)]
RecentLogin = Annotated[Account, Depends(access.recent)]
