"""What the blog writes, beyond single rows."""

import re
from collections.abc import Sequence
from secrets import token_hex
from unicodedata import normalize

from sqlalchemy.ext.asyncio import AsyncSession

from ...core.db import CheckViolated, ForeignKeyViolated, Key, NotFound, transaction, utc_now
from . import queries
from .models import Comment, Post, PostStatus, Profile
from .repository import (
    CommentRepository,
    PlacementRepository,
    PostRepository,
    ProfileRepository,
    UserRepository,
)
from .schemas import (
    CommentCreate,
    CommentWithReplies,
    PostCreate,
    PostPatch,
    PostRead,
    ProfileWrite,
)


async def write_profile(session: AsyncSession, user: Key, data: ProfileWrite) -> Profile:
    """Create or replace a user's profile.

    Raises:
        NotFound: no such user.
    """
    await UserRepository(session).get_one(user)
    values = {"user_id": user, **data.model_dump()}
    return await ProfileRepository(session).upsert(values, by=["user_id"])


async def write_post(session: AsyncSession, data: PostCreate) -> Post:
    """Create a draft.

    Raises:
        ForeignKeyViolated: no such author.
        NotFound: no such category.
    """
    await UserRepository(session).check_author(data.author_id)
    values = data.model_dump(exclude={"category_slugs"})
    post = await PostRepository(session).add(Post(**values, slug=new_slug(data.title)))
    if data.category_slugs:
        await PlacementRepository(session).place(post.id, data.category_slugs)
    return post


async def change_post(key: Key, data: PostPatch) -> PostRead:
    """Change some attributes of a post, in one statement unless its categories change.

    Raises:
        NotFound: no such post, or no such category.
        StaleData: the post has another version than the one that the change was made for.
    """
    changes = data.changes()
    slugs: list[str] | None = changes.pop("category_slugs", None)
    if slugs is None:
        return await queries.change_post.one(key, changes)
    changes["updated_at"] = utc_now()  # places in categories are a change too
    async with transaction() as session:
        post = await queries.change_post.one(key, changes)
        places = PlacementRepository(session)
        await places.delete_where(post_id=key)
        await places.place(key, slugs)
    return post


async def publish(session: AsyncSession, key: Key) -> Post:
    """Publish a draft. A published post stays as it is.

    Raises:
        NotFound: no such post.
        StaleData: the post was changed meanwhile.
    """
    posts = PostRepository(session)
    post = await posts.get_one(key)
    return await posts.update(post, {"status": PostStatus.PUBLISHED})


async def comment(session: AsyncSession, post: Key, data: CommentCreate) -> Comment:
    """Add a comment to a post, or a reply to one of its comments.

    Raises:
        NotFound: no such post.
        ForeignKeyViolated: no such author, or the parent is not a comment on this post.
        CheckViolated: the thread is too deep for another reply.
    """
    comments = CommentRepository(session)
    if not await PostRepository(session).exists(id=post):
        raise NotFound
    await UserRepository(session).check_author(data.author_id)
    if data.parent_id is not None:
        depth = await comments.depth(data.parent_id, post=post)
        if depth == 0:
            raise ForeignKeyViolated("The parent is not a comment on this post.")
        if depth >= queries.DEEPEST:
            raise CheckViolated(f"A thread has at most {queries.DEEPEST} levels: reply further up.")
    return await comments.add(Comment(**data.model_dump(), post_id=post))


def threads(comments: Sequence[CommentWithReplies]) -> list[CommentWithReplies]:
    """Nest replies into the comments that they answer. Comments come before their replies."""
    by_key = {comment.id: comment for comment in comments}
    for comment in comments:
        if comment.parent_id is not None:
            by_key[comment.parent_id].replies.append(comment)
    return [comment for comment in comments if comment.parent_id is None]


def new_slug(title: str) -> str:
    """Return a name for the URL: the title's words, and twelve digits that make it unique."""
    ascii_only = normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall(r"[a-z0-9]+", ascii_only))
    return f"{words[:100]}-{token_hex(6)}".lstrip("-")
