"""Articles, found by their words."""

from collections.abc import Sequence

from sqlalchemy import func

from ...core.db import Repository
from .models import Article


class ArticleRepository(Repository[Article]):
    model = Article

    async def search(self, text: str) -> Sequence[Article]:
        """Return the articles that hold the words, the best match first."""
        query = func.websearch_to_tsquery("english", text)
        rank = func.ts_rank(Article.words, query)
        return await self.find(Article.words.bool_op("@@")(query), order_by=[rank.desc()])
