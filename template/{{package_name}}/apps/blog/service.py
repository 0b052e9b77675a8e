"""What the blog writes beyond a row by itself."""

import re
from collections.abc import Sequence
from secrets import token_hex
from unicodedata import normalize

from sqlalchemy.ext.asyncio import AsyncSession

from ...core.db import CheckViolated, ForeignKeyViolated, Key, NotFound, utc_now
from .models import Comment, Post, PostStatus, Profile
from .queries import DEEPEST
from .repository import (
    CommentRepository,
    PlacementRepository,
    PostRepository,
    ProfileRepository,
    UserRepository,
)
from .schemas import CommentCreate, CommentWithReplies, PostCreate, PostPatch, ProfileWrite


async def write_profile(session: AsyncSession, user: Key, data: ProfileWrite) -> Profile:
    """Give a user a profile, in the place of the one there was.

    Raises:
        NotFound: there is no such user.
    """
    await UserRepository(session).get_one(user)
    values = {"user_id": user, **data.model_dump()}
    return await ProfileRepository(session).upsert(values, by=["user_id"])


async def write_post(session: AsyncSession, data: PostCreate) -> Post:
    """Make a draft.

    Raises:
        ForeignKeyViolated: there is no such author.
        NotFound: there is no such category.
    """
    await UserRepository(session).check_author(data.author_id)
    values = data.model_dump(exclude={"category_slugs"})
    post = await PostRepository(session).add(Post(**values, slug=new_slug(data.title)))
    if data.category_slugs:
        await PlacementRepository(session).place(post.id, data.category_slugs)
    return post


async def change_post(session: AsyncSession, key: Key, data: PostPatch) -> Post:
    """Change a part of a post.

    Raises:
        NotFound: there is no such post, or no such category.
        StaleData: it is at another version than the change was made for.
    """
    posts = PostRepository(session)
    changes = data.changes()
    slugs: list[str] | None = changes.pop("category_slugs", None)
    if slugs is not None:
        changes["updated_at"] = utc_now()  # places are not in the post's row, but of its version
    post = await posts.update(await posts.get_one(key), changes)
    if slugs is not None:
        places = PlacementRepository(session)
        await places.delete_where(post_id=key)
        await places.place(key, slugs)
    return post


async def publish(session: AsyncSession, key: Key) -> Post:
    """Put a draft before the public. One that is published already stays as it is.

    Raises:
        NotFound: there is no such post.
        StaleData: it was changed meanwhile.
    """
    posts = PostRepository(session)
    post = await posts.get_one(key)
    return await posts.update(post, {"status": PostStatus.PUBLISHED})


async def comment(session: AsyncSession, post: Key, data: CommentCreate) -> Comment:
    """Add a comment to a post, or a reply to one of its comments.

    Raises:
        NotFound: there is no such post.
        ForeignKeyViolated: there is no such author, or the parent is no comment on this post.
        CheckViolated: the parent is as deep in its thread as a comment may be.
    """
    comments = CommentRepository(session)
    if not await PostRepository(session).exists(id=post):
        raise NotFound
    await UserRepository(session).check_author(data.author_id)
    if data.parent_id is not None:
        depth = await comments.depth(data.parent_id, post=post)
        if depth == 0:
            raise ForeignKeyViolated("The parent is no comment on this post.")
        if depth >= DEEPEST:
            raise CheckViolated(f"A thread is {DEEPEST} deep at the most: reply further up.")
    return await comments.add(Comment(**data.model_dump(), post_id=post))


def threads(comments: Sequence[CommentWithReplies]) -> list[CommentWithReplies]:
    """Hang replies on the comments that they answer, which come before them."""
    by_key = {comment.id: comment for comment in comments}
    for comment in comments:
        if comment.parent_id is not None:
            by_key[comment.parent_id].replies.append(comment)
    return [comment for comment in comments if comment.parent_id is None]


def new_slug(title: str) -> str:
    """A name for the address: the title's words, and twelve digits that make it unique."""
    ascii_only = normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall(r"[a-z0-9]+", ascii_only))
    return f"{words[:100]}-{token_hex(6)}".lstrip("-")
