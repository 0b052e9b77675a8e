"""What the blog asks of its tables."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import selectinload

from ...core.db import Key, Page, Repository
from .models import Post, PostStatus, User


class UserRepository(Repository[User]):
    model = User

    async def with_posts(self, key: Key) -> User:
        """A user and the posts, in two statements.

        Raises:
            NotFound: there is no such user.
        """
        return await self.get_one(key, options=[selectinload(User.posts)])


class PostRepository(Repository[Post]):
    model = Post

    async def search(
        self,
        *,
        status: PostStatus | None,
        author_id: Key | None,
        words: str | None,
        page: int,
        per_page: int,
    ) -> Page[Post]:
        """Posts that meet all the filters given, newest first."""
        where: list[ColumnElement[bool]] = []
        if status is not None:
            where.append(Post.status == status)
        if author_id is not None:
            where.append(Post.author_id == author_id)
        if words is not None:
            where.append(contains(words))
        return await self.page(
            *where,
            page=page,
            per_page=per_page,
            order_by=[Post.created_at.desc(), Post.id.desc()],
        )


def contains(words: str) -> ColumnElement[bool]:
    """The title or the body has these words, in capitals or not; % and _ mean themselves."""
    columns: Sequence[ColumnElement[bool]] = [
        column.icontains(words, autoescape=True) for column in (Post.title, Post.body)
    ]
    return or_(*columns)
