"""What the blog asks of its tables within a unit of work."""

from sqlalchemy.orm import selectinload

from ...core.db import Key, Repository
from .models import Post, User


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
