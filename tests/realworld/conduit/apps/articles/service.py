"""The slugs and the tags of articles."""

import re
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from ...core.db import Key
from .models import Article, Tag
from .repository import TagRepository
from .schemas import ArticleCreate


async def publish(session: AsyncSession, author: Key, data: ArticleCreate) -> str:
    """Add an article and its new tags, and return its slug."""
    tags, names = TagRepository(session), sorted({*data.tags})
    await tags.add_missing([{"name": name} for name in names], by=["name"])
    article = Article(
        **data.model_dump(exclude={"tags"}),
        owner_id=author,
        slug=slug_of(data.title),
        tags=[*await tags.find(Tag.name.in_(names))],
    )
    session.add(article)
    await session.flush()
    return article.slug


def slug_of(title: str) -> str:
    """Return a new slug: the words of a title, and a random part."""
    words = re.findall(r"[a-z0-9]+", title.lower())
    return "-".join(["-".join(words)[:100] or "article", uuid4().hex[:8]])
