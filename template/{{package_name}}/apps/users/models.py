"""The table of users."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ...core.auth import BaseUser


class User(BaseUser):
    """A person with an account. `BaseUser` has the address, the password's hash and the flags."""

    full_name: Mapped[str | None] = mapped_column(String(120))
