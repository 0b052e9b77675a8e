"""Transfers between accounts."""

from sqlalchemy.ext.asyncio import AsyncSession

from ...core.db import Key, NotFound
from .models import Transfer
from .repository import AccountRepository, TransferRepository
from .schemas import TransferCreate


class InsufficientFunds(Exception):
    """The account holds less than the amount to take from it."""


async def transfer(session: AsyncSession, data: TransferCreate, *, owner: Key) -> Transfer:
    """Move money from an account of the owner to another account.

    Both rows are locked before they are read, always in the order of their keys: transfers in
    opposite directions wait for each other and cannot deadlock.

    Raises:
        NotFound: an account does not exist, or the first one is not the owner's.
        InsufficientFunds: the first account has too little.
    """
    accounts = AccountRepository(session)
    source, target = await accounts.lock(data.from_account_id, data.to_account_id)
    if source.owner_id != owner:
        raise NotFound(f"No Account has the key {source.id}.")  # as if it did not exist
    if source.balance < data.amount:
        raise InsufficientFunds
    source.balance -= data.amount
    target.balance += data.amount
    return await TransferRepository(session).add(Transfer(**data.model_dump()))
