"""What the ledger asks of its tables."""

from ...core.db import Repository
from .models import Account, Transfer


class AccountRepository(Repository[Account]):
    model = Account


class TransferRepository(Repository[Transfer]):
    model = Transfer
