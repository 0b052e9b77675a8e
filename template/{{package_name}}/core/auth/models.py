# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The base of the users' table, and the tables of the mechanism, whose names are singular.

No column holds a secret that can be used: tokens are stored as SHA-256, passwords as Argon2id.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import StringConstraints
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Json, Key, PrimaryKey, Timestamps, UUIDPrimaryKey
from ..web import Schema

ADDRESS_LENGTH = 254  # characters of an email address; RFC 5321
PERMISSION_LENGTH = 200  # characters


class BaseUser(PrimaryKey, Timestamps, Base):
    """What logging in needs to know of a user. Subclass it once, as `User`, and add your columns."""

    __abstract__ = True
    __tablename__ = "users"

    email: Mapped[str] = mapped_column(String(ADDRESS_LENGTH), unique=True)  # in lower case
    password_hash: Mapped[str | None] = mapped_column(String(255))
    confirmed_at: Mapped[datetime | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    is_staff: Mapped[bool] = mapped_column(default=False)
    is_superuser: Mapped[bool] = mapped_column(default=False)


class TokenKind(StrEnum):
    """What a token is for."""

    SESSION = "session"
    API = "api"
    CONFIRM = "confirm"
    RESET = "reset"
    EMAIL = "email"


class Token(UUIDPrimaryKey, Base):
    """A session, an API token, or a link in a mail."""

    __tablename__ = "auth_token"
    __table_args__ = (Index(None, "user_id", "kind"),)

    user_id: Mapped[Key] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[TokenKind]
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str | None] = mapped_column(String(100))  # of an API token
    sent_to: Mapped[str | None] = mapped_column(String(ADDRESS_LENGTH))  # by mail
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    authenticated_at: Mapped[datetime | None]  # when the password was last given
    ip_address: Mapped[str | None] = mapped_column(String(45))
    user_agent: Mapped[str | None] = mapped_column(String(255))


class Stored(Schema):
    """What a write of a token or an event returns."""

    id: UUID


class RateLimit(Base):
    """The uses of a limited action in one window of time."""

    __tablename__ = "auth_limit"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)  # a hash of action and caller
    count: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SecurityEvent(UUIDPrimaryKey, Base):
    """Something that an investigation asks for: a login, a change of a password or of rights."""

    __tablename__ = "auth_event"
    __table_args__ = (Index(None, "user_id", "created_at"),)

    created_at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[Key | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    actor_id: Mapped[Key | None] = mapped_column(  # another user who did it
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    ip_address: Mapped[str | None] = mapped_column(String(45))
    user_agent: Mapped[str | None] = mapped_column(String(255))
    details: Mapped[dict[str, Any]] = mapped_column(Json(), default=dict)


class Group(PrimaryKey, Base):
    """Users who have the same permissions."""

    __tablename__ = "auth_group"

    name: Mapped[str] = mapped_column(String(100), unique=True)


class GroupWrite(Schema):
    """What the admin makes of a group's name: the API removes blanks around those that it gets."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class GroupMember(Base):
    __tablename__ = "auth_group_member"

    group_id: Mapped[Key] = mapped_column(
        ForeignKey("auth_group.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[Key] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class GroupPermission(Base):
    """A permission of a group's members, such as "shop.product.change"."""

    __tablename__ = "auth_group_permission"

    group_id: Mapped[Key] = mapped_column(
        ForeignKey("auth_group.id", ondelete="CASCADE"), primary_key=True
    )
    permission: Mapped[str] = mapped_column(String(PERMISSION_LENGTH), primary_key=True)


class UserPermission(Base):
    """A permission of one user."""

    __tablename__ = "auth_user_permission"

    user_id: Mapped[Key] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    permission: Mapped[str] = mapped_column(String(PERMISSION_LENGTH), primary_key=True)
