"""The ledger's prepared statements."""

from sqlalchemy import bindparam, select

from ...core.db import Listing, prepare, prepare_insert
from .models import Account
from .schemas import AccountRead

add_account = prepare_insert(Account, AccountRead)

account = prepare(select(Account).where(Account.id == bindparam("id")), AccountRead)

accounts = Listing(select(Account), AccountRead, order_by=[Account.id])
