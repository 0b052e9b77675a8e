"""The ledger's repositories."""

from ...core.db import Repository
from .models import Account, Transfer


class AccountRepository(Repository[Account]):
    model = Account


class TransferRepository(Repository[Transfer]):
    model = Transfer
