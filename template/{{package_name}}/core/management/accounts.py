# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Accounts, for the commands: whoever runs them is trusted with any address."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

import click
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from ...settings import settings
from ..apps import import_models
from ..auth import (
    BaseUser,
    Token,
    WeakPassword,
    delete_tokens,
    make_hash,
    normalize_email,
    record,
    user_model,
)
from ..db import Duplicate, dispose_engine, transaction, utc_now
from .errors import CommandError

Result = TypeVar("Result")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a command's work, and disconnect."""

    async def and_disconnect() -> Result:
        try:
            import_models(settings)  # relationships of users name their classes
            return await work
        except WeakPassword as error:
            raise CommandError("the password is refused", error.reason) from None
        finally:
            await dispose_engine()

    return asyncio.run(and_disconnect())


def ask_password() -> str:
    """Read a new password twice from the terminal, or a line of standard input; never an argument."""
    if sys.stdin.isatty():
        entered: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return entered
    return sys.stdin.readline().rstrip("\r\n")


async def create_user(email: str, password: str, *, staff: bool, superuser: bool) -> str:
    """Create a confirmed user, and return the address as it is stored."""
    address = checked(email)
    user = user_model()(
        email=address,
        password_hash=await make_hash(password, context=[address]),
        confirmed_at=utc_now(),
        is_staff=staff or superuser,
        is_superuser=superuser,
    )
    try:
        async with transaction() as session:
            session.add(user)
            await session.flush()
            await record("user_created", user_id=user.id, staff=staff, superuser=superuser)
    except Duplicate:
        raise CommandError(
            f"{address} already has an account", "Change its password: manage.py changepassword."
        ) from None
    return address


async def set_password(email: str, password: str) -> None:
    """Set a password, confirm the address, and end all sessions and tokens of the user."""
    address = checked(email)
    new = await make_hash(password, context=[address])
    async with transaction() as session:
        user = await locked(session, address)
        user.password_hash, user.confirmed_at = new, user.confirmed_at or utc_now()
        await delete_tokens(session, user.id)
        await record("password_changed", user_id=user.id)


async def end_sessions(email: str) -> None:
    """End all sessions of a user, and revoke the API tokens and links."""
    async with transaction() as session:
        user = await locked(session, checked(email))
        await delete_tokens(session, user.id)
        await record("sessions_ended", user_id=user.id)


async def end_all_sessions() -> None:
    """End the sessions of all users, and revoke all API tokens and links."""
    async with transaction() as session:
        await session.execute(delete(Token))
        await record("sessions_ended", user_id=None)


async def locked(session: AsyncSession, address: str) -> BaseUser:
    model = user_model()
    user = await session.scalar(select(model).where(model.email == address).with_for_update())
    if user is None:
        raise CommandError(f"no user has the address {address}", "Check it, or use createuser.")
    return user


def checked(email: str) -> str:
    try:
        return normalize_email(email)
    except ValueError:
        fix = "Use one like ada@example.org."
        raise CommandError(f"{email!r} is not an email address", fix) from None
