# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The project's User: the class that the setting AUTH_USER names."""

from functools import cache
from typing import Any, cast

from sqlalchemy import bindparam, select

from ...settings import settings
from ..apps import import_part
from ..db import Key, Prepared, prepare
from ..mail_settings import parse_address
from ..web import Schema
from .models import BaseUser


class Credentials(Schema):
    """What a login checks."""

    id: Key
    email: str
    password_hash: str | None
    confirmed_at: Any
    is_active: bool

    @property
    def may_log_in(self) -> bool:
        return self.is_active and self.confirmed_at is not None and self.password_hash is not None


@cache
def user_model() -> type[BaseUser]:
    """Return the class that AUTH_USER names; "users.User" is `User` of `apps/users/models.py`.

    Raises:
        AppNotFound: INSTALLED_APPS does not list the app, or it does not exist.
        LookupError: the app has no such class.
    """
    app, _, name = settings.AUTH_USER.partition(".")
    found: Any = getattr(import_part(app, "models"), name, None)
    if app not in settings.INSTALLED_APPS or not isinstance(found, type):
        raise LookupError(
            f"AUTH_USER is {settings.AUTH_USER!r}: list {app!r} in INSTALLED_APPS, and define a "
            f"subclass of core.auth.BaseUser named {name} in apps/{app}/models.py."
        )
    return cast("type[BaseUser]", found)


@cache
def by_email() -> Prepared[Credentials]:
    """The statement that finds a user by a normalized address."""
    user = user_model()
    by_address = select(user).where(user.email == bindparam("email"))
    return prepare(by_address, Credentials, primary=True)


def normalize_email(address: str) -> str:
    """Return an address in the form that is stored: lower case, the domain in ASCII.

    Raises:
        ValueError: it cannot be an email address.
    """
    return parse_address(address.strip().lower()).addr_spec
