"""The blog's mails."""

from ...core.db import Key, transaction
from ...core.jobs import task
from ...core.mail import compose, send_mail
from ...settings import settings
from .repository import PostRepository


@task()
async def send_published(post_id: Key) -> None:
    """Tell the author that a post is published, unless the post or the account is gone."""
    async with transaction(read_only=True) as session:
        post = await PostRepository(session).with_author(post_id)
    if post is not None and post.author.is_active:
        await send_mail(
            compose(
                "blog/published",
                to=post.author.email,
                subject="Your post is published",
                post=post,
                link=f"{settings.public_url}/api/posts/{post.id}",
            )
        )
