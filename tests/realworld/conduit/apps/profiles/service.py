"""Changes of an account. No transaction is open while a password is hashed."""

from fastapi import Request

from ...core.auth import TokenKind, delete_tokens, make_hash
from ...core.db import transaction, utc_now
from ..users.access import Account
from ..users.queries import change_user
from . import queries
from .schemas import AccountPatch, Registration


async def register(request: Request, data: Registration) -> None:
    """Create an account that can log in at once: RealWorld sends no mail to confirm the address."""
    new = await make_hash(data.password, context=[request.app.title, data.email, data.username])
    await queries.add_user.one(
        email=data.email, username=data.username, password_hash=new, confirmed_at=utc_now()
    )


async def change(request: Request, who: Account, data: AccountPatch) -> None:
    """Change an account. A new password ends all other sessions."""
    changes = data.changes()
    if password := changes.pop("password", None):
        changes["password_hash"] = await make_hash(password, context=[request.app.title, who.email])
    async with transaction() as session:
        await change_user.one(who.id, changes)
        if password:
            await delete_tokens(session, who.id, (TokenKind.SESSION,), but=who.token_id)
