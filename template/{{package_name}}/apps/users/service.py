"""What changes an account. No transaction is open while a password is hashed."""

from collections.abc import Sequence
from uuid import uuid4

from fastapi import HTTPException, Request
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from ...core.auth import (
    GroupMember,
    Limit,
    TokenKind,
    UserPermission,
    delete_tokens,
    make_hash,
    read_mailed,
    record,
    use,
    verify,
)
from ...core.auth.tokens import Mailed
from ...core.db import Key, transaction, utc_now
from . import tasks
from .access import Account
from .models import User
from .repository import UserRepository
from .schemas import NewPassword, PasswordChange, UserPatch

PASSWORD_CHANGES = Limit("10/15 minutes")
RIGHTS = {"is_active", "is_staff", "is_superuser", "groups"}  # what security events hold
LINKS = (TokenKind.CONFIRM, TokenKind.RESET, TokenKind.EMAIL)


async def set_password(request: Request, data: NewPassword, kind: TokenKind) -> None:
    """Confirm the address of a token, set the password, and end all sessions and tokens.

    Raises:
        InvalidToken: the token is invalid, or was used.
        WeakPassword: the password is refused; the token stays valid.
    """
    token = await read_mailed(data.token, kind)
    new = await make_hash(data.password, context=[request.app.title, token.email])
    async with transaction() as session:
        [user] = await UserRepository(session).lock(token.user_id)
        await use(session, token, kinds=tuple(TokenKind))
        user.password_hash, user.confirmed_at = new, utc_now()
        await record(f"password_{kind}", user_id=token.user_id, connection=request)
        if kind is TokenKind.RESET:
            await tasks.send_notice.enqueue(session, token.user_id, tasks.CHANGED)


async def change_password(request: Request, user: Account, data: PasswordChange) -> None:
    """Change the password of someone who knows the present one, and end all other sessions.

    Raises:
        HTTPException: 403 for a wrong password, 429 after too many.
        WeakPassword: the new one is refused.
    """
    await PASSWORD_CHANGES.use("password", str(user.id))
    async with transaction(read_only=True) as session:
        stored = await session.scalar(select(User.password_hash).where(User.id == user.id))
    if not await verify(data.current, stored):
        await record("password_wrong", user_id=user.id, connection=request)
        raise HTTPException(403, {"type": "urn:problem:wrong-password", "title": "Wrong password"})
    new = await make_hash(data.new, context=[request.app.title, user.email])
    async with transaction() as session:
        [row] = await UserRepository(session).lock(user.id)
        if row.password_hash != stored:
            raise HTTPException(409, "The password was changed meanwhile.")
        row.password_hash = new
        await delete_tokens(session, user.id, (TokenKind.SESSION, *LINKS), but=user.token_id)
        await record("password_changed", user_id=user.id, connection=request)
        await tasks.send_notice.enqueue(session, user.id, tasks.CHANGED)


async def change_email(request: Request, token: Mailed) -> None:
    """Change to the address that a token was sent to, and tell the old one.

    Raises:
        InvalidToken: it was used.
        Duplicate: another user has the address.
    """
    async with transaction() as session:
        [user] = await UserRepository(session).lock(token.user_id)
        await use(session, token, kinds=LINKS)
        user.email = token.sent_to
        await record("email_changed", user_id=token.user_id, connection=request)
        await tasks.send_to_old_address.enqueue(session, token.user_id, token.email)


async def close_account(request: Request, key: Key) -> None:
    """Deactivate an account and remove its personal data. What it has written stays.

    Raises:
        HTTPException: 409 for the last superuser.
    """
    async with transaction() as session:
        user, others = await UserRepository(session).lock_with_superusers(key)
        if user.is_superuser:
            keep_a_superuser(others)
        user.email = f"{uuid4()}@deleted.invalid"  # not to be guessed, and so not taken before
        user.full_name = user.password_hash = None
        user.is_active = user.is_staff = user.is_superuser = False
        await session.execute(delete(GroupMember).where(GroupMember.user_id == key))
        await session.execute(delete(UserPermission).where(UserPermission.user_id == key))
        await delete_tokens(session, key)
        await record("account_closed", user_id=key, connection=request)


async def change_rights(
    session: AsyncSession, request: Request, staff: Account, key: Key, data: UserPatch
) -> None:
    """Change another user's rights. Sessions of a deactivated user end.

    Raises:
        NotFound: no such user, or no such group.
        HTTPException: 403 for staff who are not superusers and set more than `is_active`, or change
            a superuser; 409 for the last superuser.
    """
    changes = data.changes()
    if not staff.is_superuser and changes.keys() - {"is_active"}:
        raise HTTPException(403, "Only superusers change who is staff, superusers and groups.")
    user, others = await UserRepository(session).lock_with_superusers(key)
    if user.is_superuser and not staff.is_superuser:
        raise HTTPException(403, "Only superusers change superusers.")
    loses = changes.get("is_superuser") is False or changes.get("is_active") is False
    if user.is_superuser and loses:
        keep_a_superuser(others)
    groups: list[str] | None = changes.pop("groups", None)
    for name, value in changes.items():
        setattr(user, name, value)
    await session.flush()
    if groups is not None:
        await UserRepository(session).set_groups(key, groups)
    if not user.is_active:
        await delete_tokens(session, key)
    await record(
        "rights_changed",
        user_id=key,
        connection=request,
        actor_id=staff.id,
        **data.model_dump(include=RIGHTS, exclude_unset=True),
    )


def keep_a_superuser(others: Sequence[User]) -> None:
    """Refuse to lose the last superuser."""
    if not any(other.is_superuser and other.is_active for other in others):
        raise HTTPException(409, "This is the last superuser.")
