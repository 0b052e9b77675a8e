"""FastAPI and asyncpg's pool: a page of articles, as a person would write it by hand."""

from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
from fastapi import FastAPI

from .articles import ArticlePage, ArticleRead, AuthorRead
from .users import POOL, URL, pages, tune_collector

ARTICLES = """
SELECT a.id, a.title, a.body, a.created_at, a.updated_at, u.id AS author_id, u.name, u.bio
FROM articles a JOIN authors u ON u.id = a.author_id ORDER BY a.id LIMIT $1 OFFSET $2
"""
TAGS = """
SELECT l.article_id, t.name FROM article_tags l JOIN tags t ON t.id = l.tag_id
WHERE l.article_id = ANY($1) ORDER BY t.name
"""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    async with asyncpg.create_pool(
        URL.replace("+asyncpg", ""), min_size=POOL, max_size=POOL
    ) as app.state.pool:
        tune_collector()
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/api/articles")
async def list_articles(page: int = 1, per_page: int = 20) -> ArticlePage:
    tags: dict[UUID, list[str]] = defaultdict(list)
    async with app.state.pool.acquire() as connection:
        rows = await connection.fetch(ARTICLES, per_page, (page - 1) * per_page)
        for key, name in await connection.fetch(TAGS, [row["id"] for row in rows]):
            tags[key].append(name)
        total = await connection.fetchval("SELECT count(*) FROM articles")
    return ArticlePage(
        items=[
            ArticleRead(
                id=row["id"],
                title=row["title"],
                body=row["body"],
                created_at=row["created_at"],
                updated_at=row["updated_at"],
                author=AuthorRead(id=row["author_id"], name=row["name"], bio=row["bio"]),
                tags=tags[row["id"]],
            )
            for row in rows
        ],
        total=total,
        page=page,
        per_page=per_page,
        pages=pages(total, per_page),
    )
