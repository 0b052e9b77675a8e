"""Advanced Alchemy on FastAPI: articles, with their relationships loaded by `selectinload`."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated
from uuid import UUID

from advanced_alchemy.base import DefaultBase
from advanced_alchemy.extensions.fastapi import (
    AdvancedAlchemy,
    AsyncSessionConfig,
    EngineConfig,
    SQLAlchemyAsyncConfig,
)
from advanced_alchemy.filters import LimitOffset, OrderBy
from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from advanced_alchemy.service import SQLAlchemyAsyncRepositoryService
from advanced_alchemy.types import DateTimeUTC
from fastapi import Depends, FastAPI
from sqlalchemy import Column, ForeignKey, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from .articles import ArticlePage, ArticleRead, AuthorRead
from .users import POOL, URL, pages, tune_collector

article_tags = Table(
    "article_tags",
    DefaultBase.metadata,
    Column("article_id", ForeignKey("articles.id"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id"), primary_key=True),
)


class Author(DefaultBase):
    __tablename__ = "authors"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    bio: Mapped[str | None]


class Tag(DefaultBase):
    __tablename__ = "tags"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]


class Article(DefaultBase):
    __tablename__ = "articles"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("authors.id"))
    created_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTimeUTC(timezone=True))

    author: Mapped[Author] = relationship()
    tags: Mapped[list[Tag]] = relationship(secondary=article_tags, order_by=Tag.name)


class ArticleService(SQLAlchemyAsyncRepositoryService[Article]):
    class Repo(SQLAlchemyAsyncRepository[Article]):
        model_type = Article

    repository_type = Repo


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    tune_collector()
    yield


app = FastAPI(lifespan=lifespan)
alchemy = AdvancedAlchemy(
    config=SQLAlchemyAsyncConfig(
        connection_string=URL,
        engine_config=EngineConfig(pool_size=POOL),
        session_config=AsyncSessionConfig(expire_on_commit=False),
        commit_mode="autocommit",
    ),
    app=app,
)
Articles = Annotated[
    ArticleService,
    Depends(
        alchemy.provide_service(
            ArticleService, load=[selectinload(Article.author), selectinload(Article.tags)]
        )
    ),
]


@app.get("/api/articles")
async def list_articles(articles: Articles, page: int = 1, per_page: int = 20) -> ArticlePage:
    window = LimitOffset(limit=per_page, offset=(page - 1) * per_page)
    found, total = await articles.list_and_count(window, OrderBy("id"))
    return ArticlePage(
        items=[
            ArticleRead(
                id=one.id,
                title=one.title,
                body=one.body,
                created_at=one.created_at,
                updated_at=one.updated_at,
                author=AuthorRead(id=one.author.id, name=one.author.name, bio=one.author.bio),
                tags=[tag.name for tag in one.tags],
            )
            for one in found
        ],
        total=total,
        page=page,
        per_page=per_page,
        pages=pages(total, per_page),
    )
