"""Runs inside a rendered project: adds articles, five to an author, with three tags each."""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

from sqlalchemy import insert

from my_service.apps.articles.models import Article, Author, Tag, article_tags
from my_service.core.db import dispose_engine, transaction


async def main(count: int) -> None:
    async with transaction() as session:
        authors = [Author(name=f"author {n}", bio="writes") for n in range(count // 5)]
        tags = [Tag(name=f"tag {n}") for n in range(20)]
        articles = [
            Article(title=f"article {n}", body="x" * 100, author_id=authors[n // 5].id)
            for n in range(count)
        ]
        session.add_all([*authors, *tags, *articles])
        await session.flush()
        links = [
            {"article_id": article.id, "tag_id": tags[(n + step) % 20].id}
            for n, article in enumerate(articles)
            for step in (0, 7, 13)
        ]
        await session.execute(insert(article_tags), links)
    await dispose_engine()


asyncio.run(main(int(sys.argv[1])))
