"""The request and response bodies of the blog's API."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field, JsonValue, StringConstraints, computed_field

from ...core.db import Key
from ...core.web import LEFT_OUT, Patch, Schema
from ..users.access import Account
from .models import PostStatus


def distinct(slugs: list[str]) -> list[str]:
    """Return the same list, if its slugs are distinct."""
    if len(set(slugs)) < len(slugs):
        raise ValueError("a category is listed twice")
    return slugs


Title = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"\S", max_length=200)]
Body = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
Version = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
CategoryName = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"\S", max_length=80)
]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=120)]
Slugs = Annotated[
    list[Slug],
    Field(max_length=20, json_schema_extra={"uniqueItems": True}),
    AfterValidator(distinct),
]


class Author(Schema):
    """The part of a user that everyone may read."""

    id: Key
    full_name: str | None


class ByAuthor(Schema):
    """A row with the columns `author_id` and `author_name`, which answers show as `author`."""

    author_id: Annotated[Key, Field(exclude=True)]
    author_name: Annotated[str | None, Field(exclude=True)]

    @computed_field  # which makes a property of it
    def author(self) -> Author:
        return Author(id=self.author_id, full_name=self.author_name)

    @classmethod
    def of(cls, row: object, author: Account) -> Self:
        """Return a row that the current user has written."""
        names = cls.model_fields.keys() - {"author_name"}
        values = {name: getattr(row, name) for name in names}
        return cls(**values, author_name=author.full_name)


class PostCreate(Schema):
    title: Title
    body: Body
    category_slugs: Annotated[Slugs, Field(default_factory=list)]
    meta: Annotated[dict[str, JsonValue], Field(default_factory=dict)]


class PostPatch(Patch):
    """A change of a post. With `version`, a post that changed since then is refused."""

    title: Title = LEFT_OUT
    body: Body = LEFT_OUT
    category_slugs: Slugs = LEFT_OUT
    meta: dict[str, JsonValue] = LEFT_OUT
    version: Version = LEFT_OUT


class PostRow(Schema):
    """A post's own columns."""

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


class PostRead(ByAuthor, PostRow):
    """A post with its author."""


class Imported(Schema):
    imported: int


class CommentCreate(Schema):
    body: Body
    parent_id: Key | None = None


class CommentRead(ByAuthor):
    id: Key
    post_id: Key
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


class PostsOfAuthor(ByAuthor):
    """The number of an author's posts."""

    posts: int
    published: int


class LatestOfAuthor(ByAuthor):
    """An author's newest post."""

    id: Key
    slug: str
    title: str
    status: PostStatus
    created_at: datetime
