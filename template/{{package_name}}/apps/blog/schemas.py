"""The request and response bodies of the blog's API."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue, StrictBool, StringConstraints

from ...core.db import Key
from ...core.web import LEFT_OUT, Patch, Schema
from .models import PostStatus


def distinct(slugs: list[str]) -> list[str]:
    """Return the same list, if its slugs are distinct."""
    if len(set(slugs)) < len(slugs):
        raise ValueError("a category is listed twice")
    return slugs


# Only a delivered message proves that an address exists. This refuses what cannot be an address.
ADDRESS = r"^{0}@{0}\.{0}$".format(r"[^@\x00-\x20\x7f-\xa0]+")

Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, pattern=ADDRESS, max_length=254),
]
Username = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"\S", max_length=40)]
FullName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
Website = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+(/\S*)?$", max_length=200)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"\S", max_length=200)]
Body = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
CategoryName = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"\S", max_length=80)
]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=120)]
Slugs = Annotated[
    list[Slug],
    Field(max_length=20, json_schema_extra={"uniqueItems": True}),
    AfterValidator(distinct),
]


class UserCreate(Schema):
    email: Email
    username: Username
    full_name: FullName | None = None


class UserPatch(Patch):
    email: Email = LEFT_OUT
    username: Username = LEFT_OUT
    full_name: FullName | None = None
    is_active: StrictBool = LEFT_OUT


class UserRead(Schema):
    id: Key
    email: str
    username: str
    full_name: str | None
    is_active: bool
    created_at: datetime
    updated_at: datetime


class ProfileWrite(Schema):
    """A whole profile. Missing fields become empty."""

    bio: Annotated[str, StringConstraints(max_length=10_000)] | None = None
    website: Website | None = None


class ProfileRead(Schema):
    user_id: Key
    bio: str | None
    website: str | None
    created_at: datetime
    updated_at: datetime


class PostCreate(Schema):
    title: Title
    body: Body
    author_id: Key
    category_slugs: Annotated[Slugs, Field(default_factory=list)]
    meta: Annotated[dict[str, JsonValue], Field(default_factory=dict)]


class PostPatch(Patch):
    """A change of a post. With `version`, a post that changed since then is refused."""

    title: Title = LEFT_OUT
    body: Body = LEFT_OUT
    category_slugs: Slugs = LEFT_OUT
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


class Imported(Schema):
    imported: int


class UserWithPosts(UserRead):
    posts: list[PostRead]


class UserWithProfile(UserRead):
    profile: ProfileRead | None


Include = Literal["posts", "profile"]


class CommentCreate(Schema):
    body: Body
    author_id: Key
    parent_id: Key | None = None


class CommentRead(Schema):
    id: Key
    post_id: Key
    author_id: Key
    parent_id: Key | None
    body: str
    created_at: datetime
    updated_at: datetime


class CommentWithReplies(CommentRead):
    replies: Annotated[list["CommentWithReplies"], Field(default_factory=list)]


class CategoryWrite(Schema):
    name: CategoryName


class CategoryRead(Schema):
    id: Key
    slug: str
    name: str
    created_at: datetime
    updated_at: datetime


class PostsOfAuthor(Schema):
    """The number of a user's posts."""

    author_id: Key
    username: str
    posts: int
    published: int


class LatestOfAuthor(Schema):
    """A user's newest post."""

    author_id: Key
    username: str
    id: Key
    slug: str
    title: str
    status: PostStatus
    created_at: datetime
