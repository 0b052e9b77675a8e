"""Sample data for `manage.py seed`: accounts with money."""

from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from ..users.models import User
from ..users.repository import UserRepository
from .models import Account
from .repository import AccountRepository

ACCOUNTS = {"ada@example.org": Decimal("100.00"), "grace@example.org": Decimal("12.50")}


async def seed(session: AsyncSession) -> None:
    """Open an account for each of these users without one."""
    users, accounts = UserRepository(session), AccountRepository(session)
    for email, balance in ACCOUNTS.items():
        user = await users.find_one(email=email) or await users.add(User(email=email))
        if not await accounts.exists(owner_id=user.id):
            await accounts.add(Account(owner_id=user.id, balance=balance))
