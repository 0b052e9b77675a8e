"""What the blog writes, beyond single rows."""

import re
from collections.abc import Sequence
from secrets import token_hex
from unicodedata import normalize

from sqlalchemy.ext.asyncio import AsyncSession

from ...core.db import CheckViolated, ForeignKeyViolated, Key, NotFound, transaction, utc_now
from . import queries, tasks
from .models import Comment, Post, PostStatus
from .repository import CommentRepository, PlacementRepository, PostRepository
from .schemas import CommentCreate, CommentWithReplies, PostCreate, PostPatch, PostRow


async def write_post(session: AsyncSession, data: PostCreate, *, author: Key) -> Post:
    """Create a draft.

    Raises:
        NotFound: no such category.
    """
    values = data.model_dump(exclude={"category_slugs"})
    post = Post(**values, author_id=author, slug=new_slug(data.title))
    await PostRepository(session).add(post)
    if data.category_slugs:
        await PlacementRepository(session).place(post.id, data.category_slugs)
    return post


async def change_post(key: Key, data: PostPatch, *, author: Key) -> PostRow:
    """Change some attributes of the author's post: one statement, or four with categories.

    Raises:
        NotFound: the author has no such post, or no such category.
        StaleData: the post has another version than the one that the change was made for.
    """
    changes = data.changes()
    slugs: list[str] | None = changes.pop("category_slugs", None)
    if slugs is None:
        return await queries.change_post.one(key, changes, author=author)
    changes["updated_at"] = utc_now()  # places in categories are a change too
    async with transaction() as session:
        post = await queries.change_post.one(key, changes, author=author)
        places = PlacementRepository(session)
        await places.delete_where(post_id=key)
        await places.place(key, slugs)
    return post


async def publish(session: AsyncSession, key: Key, *, author: Key) -> Post:
    """Publish the author's draft, and send a mail about it. A published post stays as it is.

    Raises:
        NotFound: the author has no such post.
        StaleData: the post was changed meanwhile.
    """
    posts = PostRepository(session)
    post = await posts.own(key, author=author)
    if post.status is not PostStatus.PUBLISHED:
        await posts.update(post, {"status": PostStatus.PUBLISHED})
        await tasks.send_published.enqueue(session, key)  # with the post, or not at all
    return post


async def comment(session: AsyncSession, post: Key, data: CommentCreate, *, author: Key) -> Comment:
    """Add a comment to a post, or a reply to one of its comments.

    Raises:
        NotFound: no such post.
        ForeignKeyViolated: the parent is not a comment on this post.
        CheckViolated: the thread is too deep for another reply.
    """
    comments = CommentRepository(session)
    if not await PostRepository(session).exists(id=post):
        raise NotFound
    if data.parent_id is not None:
        depth = await comments.depth(data.parent_id, post=post)
        if depth == 0:
            raise ForeignKeyViolated("The parent is not a comment on this post.")
        if depth >= queries.DEEPEST:
            raise CheckViolated(f"A thread has at most {queries.DEEPEST} levels: reply further up.")
    return await comments.add(Comment(**data.model_dump(), post_id=post, author_id=author))


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
