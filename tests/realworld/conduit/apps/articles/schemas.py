"""The bodies and parameters of articles, comments and tags."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from ...core.db import Key
from ...core.web import LEFT_OUT, Limit, Patch, Schema
from ...core.web.slices import Offset
from ..profiles.schemas import ProfileRead

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Description = Annotated[str, StringConstraints(max_length=500)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=100_000)]
TagName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class Part(Schema):
    limit: Limit = 20
    offset: Offset = 0


class Filters(Part):
    tag: str | None = None
    author: str | None = None
    favorited: str | None = None


class ArticleCreate(Schema):
    title: Title
    description: Description
    body: Text
    tags: list[TagName] = Field(default_factory=list[TagName], alias="tagList", max_length=20)


class ArticlePatch(Patch):
    title: Title = LEFT_OUT
    description: Description = LEFT_OUT
    body: Text = LEFT_OUT


class ArticleKey(Schema):
    id: Key
    slug: str


class Written(Schema):
    model_config = ConfigDict(alias_generator=to_camel)

    created_at: datetime
    updated_at: datetime
    owner: ProfileRead = Field(serialization_alias="author")


class ArticleInList(Written):
    slug: str
    title: str
    description: str
    tags: list[str] = Field(serialization_alias="tagList")
    favorited: bool
    favorites_count: int


class ArticleRead(ArticleInList):
    body: str


class ArticleAnswer(Schema):
    article: ArticleRead


class Articles(Schema):
    items: list[ArticleInList] = Field(serialization_alias="articles")
    total: int = Field(serialization_alias="articlesCount")


class CommentCreate(Schema):
    body: Text


class CommentRead(Written):
    id: Key
    body: str


class CommentAnswer(Schema):
    comment: CommentRead


class Comments(Schema):
    comments: list[CommentRead]


class Tags(Schema):
    tags: list[str]
