"""The request and response bodies of the users' API."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StrictBool, StringConstraints

from ...core.auth import normalize_email
from ...core.db import Key
from ...core.web import LEFT_OUT, Patch, Schema

Email = Annotated[str, StringConstraints(max_length=300), AfterValidator(normalize_email)]
TypedEmail = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=100)]
FullName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
TokenName = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"\S", max_length=100)]
GroupName = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"\S", max_length=100)]


class UserRead(Schema):
    id: Key
    email: str
    full_name: str | None
    is_staff: bool
    is_superuser: bool
    created_at: datetime


class UserForStaff(UserRead):
    is_active: bool
    confirmed_at: datetime | None


class AddressOnly(Schema):
    email: Email


class NewPassword(Schema):
    """A token of a mail, and the password to set."""

    token: Secret
    password: Password


class TokenOnly(Schema):
    token: Secret


class Login(Schema):
    """With `bearer`, the answer has a token for a program, and sets no cookie."""

    email: TypedEmail
    password: Password
    bearer: StrictBool = False


class LoggedIn(Schema):
    user: UserRead
    token: str | None = None


class MePatch(Patch):
    full_name: FullName | None = None


class PasswordChange(Schema):
    current: Password
    new: Password


class SessionRead(Schema):
    id: UUID
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ip_address: str | None
    user_agent: str | None


class TokenCreate(Schema):
    name: TokenName
    days: Annotated[int, Field(strict=True, ge=1, le=3650)] = 90


class TokenCreated(Schema):
    id: UUID
    name: str
    token: str


class TokenRead(Schema):
    id: UUID
    name: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class UserPatch(Patch):
    """Staff set `is_active`; only superusers set the others."""

    is_active: StrictBool = LEFT_OUT
    is_staff: StrictBool = LEFT_OUT
    is_superuser: StrictBool = LEFT_OUT
    groups: Annotated[list[GroupName], Field(max_length=100)] = LEFT_OUT
