"""What the blog's API takes and gives."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, JsonValue, StringConstraints

from ...core.db import Key
from ...core.web import LEFT_OUT, Patch, Schema
from .models import PostStatus

# A mail that arrives is the only proof of an address: this refuses what cannot be one.
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        to_lower=True,
        max_length=254,
        pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
    ),
]
Username = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
FullName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Body = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]


class UserCreate(Schema):
    email: Email
    username: Username
    full_name: FullName | None = None


class UserPatch(Patch):
    email: Email = LEFT_OUT
    username: Username = LEFT_OUT
    full_name: FullName | None = None
    is_active: bool = LEFT_OUT


class UserRead(Schema):
    id: Key
    email: str
    username: str
    full_name: str | None
    is_active: bool
    created_at: datetime
    updated_at: datetime


class PostCreate(Schema):
    title: Title
    body: Body
    author_id: Key
    meta: Annotated[dict[str, JsonValue], Field(default_factory=dict)]


class PostPatch(Patch):
    """A change of a post. With the `version` that was read, a change in between is noticed."""

    title: Title = LEFT_OUT
    body: Body = LEFT_OUT
    meta: dict[str, JsonValue] = LEFT_OUT
    version: Version = LEFT_OUT


class PostRead(Schema):
    id: Key
    slug: str
    title: str
    body: str
    status: PostStatus
    meta: dict[str, JsonValue]
    author_id: Key
    version: int
    created_at: datetime
    updated_at: datetime


class UserWithPosts(UserRead):
    posts: list[PostRead]


Include = Literal["posts"]
