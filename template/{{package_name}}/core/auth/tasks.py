# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The nightly deletion of what has expired."""

from datetime import timedelta

from ...settings import settings
from ..db import utc_now
from ..jobs import task
from ..jobs.cleaning import delete_old
from .models import RateLimit, SecurityEvent, Token


@task(schedule="17 3 * * *")
async def clear_tokens() -> None:
    """Delete what has expired, every night."""
    await clear()


async def clear() -> int:
    """Delete expired tokens and limits, and old security events; return the number of rows."""
    now = utc_now()
    oldest = now - timedelta(days=settings.auth_event_days)
    count = await delete_old(Token, Token.expires_at < now)
    count += await delete_old(RateLimit, RateLimit.expires_at < now)
    return count + await delete_old(SecurityEvent, SecurityEvent.created_at < oldest)
