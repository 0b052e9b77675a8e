"""Shared by the peers with articles: their JSON."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel


class AuthorRead(BaseModel):
    id: UUID
    name: str
    bio: str | None


class ArticleRead(BaseModel):
    id: UUID
    title: str
    body: str
    created_at: datetime
    updated_at: datetime
    author: AuthorRead
    tags: list[str]


class ArticlePage(BaseModel):
    items: list[ArticleRead]
    total: int
    page: int
    per_page: int
    pages: int
