"""What the blog asks of its tables within a unit of work."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from ...core.db import ForeignKeyViolated, Key, NotFound, Repository
from .models import Category, Comment, Post, PostCategory, Profile, User


class UserRepository(Repository[User]):
    model = User

    async def with_posts(self, key: Key) -> User:
        """A user and the posts, in two statements.

        Raises:
            NotFound: there is no such user.
        """
        return await self.get_one(key, options=[selectinload(User.posts)])

    async def with_profile(self, key: Key) -> User:
        """A user and the profile, in one statement.

        Raises:
            NotFound: there is no such user.
        """
        return await self.get_one(key, options=[joinedload(User.profile)])

    async def known(self, keys: Collection[Key]) -> set[Key]:
        """Those of the keys that are users'."""
        return set(await self.session.scalars(select(User.id).where(User.id.in_(keys))))

    async def check_author(self, key: Key) -> None:
        """See that a user may write. A foreign key alone would let a deleted one.

        Raises:
            ForeignKeyViolated: there is no such user.
        """
        if not await self.known([key]):
            raise ForeignKeyViolated("There is no such author.")


class ProfileRepository(Repository[Profile]):
    model = Profile


class PostRepository(Repository[Post]):
    model = Post

    async def keys(self, slugs: Collection[str]) -> dict[str, Key]:
        """The posts' keys by their slugs."""
        found = await self.session.execute(select(Post.slug, Post.id).where(Post.slug.in_(slugs)))
        return dict(found.all())


class CategoryRepository(Repository[Category]):
    model = Category

    async def keys(self, slugs: Collection[str]) -> dict[str, Key]:
        """The categories' keys by their slugs."""
        found = await self.session.execute(
            select(Category.slug, Category.id).where(Category.slug.in_(slugs))
        )
        return dict(found.all())


class PlacementRepository(Repository[PostCategory]):
    model = PostCategory

    async def place(self, post: Key, slugs: Sequence[str]) -> None:
        """Put a post into categories, in this order: two statements.

        Raises:
            NotFound: there is no such category.
        """
        keys = await CategoryRepository(self.session).keys(slugs)
        for slug in slugs:
            if slug not in keys:
                raise NotFound(f"There is no category {slug!r}.")
        await self.add_many(placements(post, [keys[slug] for slug in slugs]))


class CommentRepository(Repository[Comment]):
    model = Comment

    async def depth(self, key: Key, *, post: Key) -> int:
        """How far down in its thread a comment is, from 1; 0 if it is none on this post."""
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
    """Rows for a post's places."""
    return [
        {"post_id": post, "category_id": key, "position": position}
        for position, key in enumerate(categories)
    ]
