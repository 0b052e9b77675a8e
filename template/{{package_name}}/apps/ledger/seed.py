"""Sample data for `manage.py seed`: accounts with money."""

from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from .models import Account
from .repository import AccountRepository

ACCOUNTS = {"Ada Lovelace": Decimal("100.00"), "Grace Hopper": Decimal("12.50")}


async def seed(session: AsyncSession) -> None:
    """Open an account for each owner without one."""
    accounts = AccountRepository(session)
    for owner, balance in ACCOUNTS.items():
        if not await accounts.exists(owner=owner):
            await accounts.add(Account(owner=owner, balance=balance))
