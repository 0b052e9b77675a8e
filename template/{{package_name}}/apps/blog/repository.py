"""The blog's repositories."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from ...core.db import Key, NotFound, Repository
from .models import Category, Comment, Post, PostCategory


class PostRepository(Repository[Post]):
    model = Post

    async def with_author(self, key: Key) -> Post | None:
        """Return a post with its author, by one statement, or None."""
        return await self.get(key, options=[joinedload(Post.author)])

    async def own(self, key: Key, *, author: Key) -> Post:
        """Return a post of this author.

        Raises:
            NotFound: no such post, or another author's.
        """
        post = await self.find_one(id=key, author_id=author)
        if post is None:
            raise NotFound
        return post

    async def keys(self, slugs: Collection[str]) -> dict[str, Key]:
        """Return the posts' keys by their slugs."""
        found = await self.session.execute(select(Post.slug, Post.id).where(Post.slug.in_(slugs)))
        return dict(found.all())


class CategoryRepository(Repository[Category]):
    model = Category

    async def keys(self, slugs: Collection[str]) -> dict[str, Key]:
        """Return the categories' keys by their slugs."""
        found = await self.session.execute(
            select(Category.slug, Category.id).where(Category.slug.in_(slugs))
        )
        return dict(found.all())


class PlacementRepository(Repository[PostCategory]):
    model = PostCategory

    async def place(self, post: Key, slugs: Sequence[str]) -> None:
        """Put a post into categories, in this order, by two statements.

        Raises:
            NotFound: no such category.
        """
        keys = await CategoryRepository(self.session).keys(slugs)
        for slug in slugs:
            if slug not in keys:
                raise NotFound(f"No such category: {slug!r}.")
        await self.add_many(placements(post, [keys[slug] for slug in slugs]))


class CommentRepository(Repository[Comment]):
    model = Comment

    async def depth(self, key: Key, *, post: Key) -> int:
        """Return a comment's depth in its thread, from 1; 0 if it is not on this post."""
        line = (
            select(Comment.id, Comment.parent_id)
            .where(Comment.id == key, Comment.post_id == post)
            .cte("line", recursive=True)
        )
        line = line.union_all(
            select(Comment.id, Comment.parent_id).join(line, Comment.id == line.c.parent_id)
        )
        return await self.session.scalar(select(func.count()).select_from(line)) or 0


def placements(post: Key, categories: Sequence[Key]) -> list[dict[str, Key | int]]:
    """Return the rows for a post's places."""
    return [
        {"post_id": post, "category_id": key, "position": position}
        for position, key in enumerate(categories)
    ]
