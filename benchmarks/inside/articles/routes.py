"""/api/articles"""

from datetime import datetime

from fastapi import Response
from sqlalchemy import select

from ...core.db import Key, Listing, Page
from ...core.web import PageNumber, PageOf, PerPage, Router, Schema, page_answer
from .models import Article


class AuthorRead(Schema):
    id: Key
    name: str
    bio: str | None


class ArticleRead(Schema):
    id: Key
    title: str
    body: str
    created_at: datetime
    updated_at: datetime
    author: AuthorRead
    tags: list[str]


articles = Listing(select(Article), ArticleRead, order_by=[Article.id])
router = Router(tags=["articles"])


@router.get("/articles", response_model=PageOf[ArticleRead])
async def list_articles(page: PageNumber = 1, per_page: PerPage = 20) -> Response | Page[ArticleRead]:
    return await page_answer(articles, page=page, per_page=per_page)
