"""The users' mails. A job carries an address or an id; the token is made with the mail."""

from uuid import UUID

from sqlalchemy import select

from ...core.auth import Token, TokenKind, mailed_token, requested_token
from ...core.db import Duplicate, Key, transaction
from ...core.jobs import task
from ...core.mail import compose, send_mail
from ...settings import settings
from .models import User

# Pages of this service; a frontend of your own may have others. What follows # never reaches a server.
CONFIRM_PAGE = "/api/auth/confirm#token="
RESET_PAGE = "/api/auth/reset/confirm#token="
EMAIL_PAGE = "/api/auth/email/confirm#token="

CHANGED = "The password was changed."


@task()
async def send_sign_up(email: str) -> None:
    """Create the account of an address if it is new, and send the link to confirm it."""
    user = await user_of(email) or await create(email)
    if user.confirmed_at is not None:
        await send("has_account", user, "You already have an account")
    elif user.is_active:
        link = CONFIRM_PAGE + await mailed_token(user, TokenKind.CONFIRM)
        await send("confirm", user, "Confirm your address", link=link)


@task()
async def send_reset(email: str) -> None:
    """Send the link that sets a new password, if the address has a confirmed account."""
    user = await user_of(email)
    if user is not None and user.is_active and user.confirmed_at is not None:
        link = RESET_PAGE + await mailed_token(user, TokenKind.RESET)
        await send("reset", user, "Set a new password", link=link)


@task()
async def send_email_change(token_id: UUID) -> None:
    """Send the link that changes a user's address to the new address, unless it is void by now."""
    async with transaction(read_only=True) as session:
        row = await session.get(Token, token_id)
    if row is None or row.sent_to is None or await user_of(row.sent_to) is not None:
        return
    user = await user_with(row.user_id)
    if user is not None:
        link = EMAIL_PAGE + await requested_token(token_id)
        await send("email_change", user, "Confirm your new address", to=row.sent_to, link=link)


@task()
async def send_notice(user_id: Key, text: str) -> None:
    """Tell a user what has happened to the account."""
    user = await user_with(user_id)
    if user is not None:
        await send("notice", user, "Your account", text=text)


@task()
async def send_to_old_address(user_id: Key, email: str) -> None:
    """Tell the old address that the account has another one now."""
    user = await user_with(user_id)
    if user is not None:
        await send(
            "notice", user, "Your account", to=email, text="The account has another address now."
        )


async def create(email: str) -> User:
    """Create an account without a password; return the existing one if another job was faster."""
    try:
        async with transaction() as session:
            session.add(user := User(email=email))
            await session.flush()
            return user
    except Duplicate:
        async with transaction(read_only=True) as session:
            return (await session.scalars(select(User).where(User.email == email))).one()


async def user_of(email: str) -> User | None:
    async with transaction(read_only=True) as session:
        return await session.scalar(select(User).where(User.email == email))


async def user_with(key: Key) -> User | None:
    async with transaction(read_only=True) as session:
        return await session.get(User, key)


async def send(
    template: str,
    user: User,
    subject: str,
    *,
    to: str | None = None,
    link: str = "",
    text: str = "",
) -> None:
    address, url = to or user.email, settings.public_url + link
    await send_mail(
        compose(f"users/{template}", to=address, subject=subject, user=user, link=url, text=text)
    )
