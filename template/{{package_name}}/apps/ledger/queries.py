"""The ledger's prepared statements."""

from sqlalchemy import bindparam, select

from ...core.db import Listing, prepare, prepare_insert
from .models import Account
from .schemas import AccountRead

add_account = prepare_insert(Account, AccountRead)

_own = Account.owner_id == bindparam("owner")
account = prepare(select(Account).where(_own, Account.id == bindparam("id")), AccountRead)

accounts = Listing(select(Account), AccountRead, order_by=[Account.id], filters={"owner": _own})
