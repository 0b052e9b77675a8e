"""What happens to a post beyond writing its row."""

import re
from secrets import token_hex
from unicodedata import normalize

from sqlalchemy.ext.asyncio import AsyncSession

from ...core.db import Key
from .models import Post, PostStatus
from .repository import PostRepository
from .schemas import PostCreate


async def write_post(session: AsyncSession, data: PostCreate) -> Post:
    """Make a draft.

    Raises:
        ForeignKeyViolated: there is no such author.
    """
    post = Post(**data.model_dump(), slug=slug(data.title))
    return await PostRepository(session).add(post)


async def publish(session: AsyncSession, key: Key) -> Post:
    """Put a draft before the public. One that is published already stays as it is.

    Raises:
        NotFound: there is no such post.
        StaleData: it was changed meanwhile.
    """
    posts = PostRepository(session)
    post = await posts.get_one(key)
    return await posts.update(post, {"status": PostStatus.PUBLISHED})


def slug(title: str) -> str:
    """A name for the address: the title's words, and eight digits that make it unique."""
    ascii_only = normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", ascii_only)
    return "-".join([*words, token_hex(4)])[-120:].lstrip("-")
