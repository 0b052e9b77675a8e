"""The prepared statements of accounts and profiles."""

from sqlalchemy import bindparam, select

from ...core.db import prepare, prepare_insert
from ..users.models import User
from .schemas import AccountRead, ProfileRead, Stored

with_name = select(User).where(User.username == bindparam("username"))

key = prepare(with_name, Stored)
profile = prepare(with_name, ProfileRead)
account = prepare(select(User).where(User.id == bindparam("id")), AccountRead)
add_user = prepare_insert(User, Stored)
