# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The hourly deletion of expired keys."""

from ...settings import settings
from ..jobs import task

if settings.IDEMPOTENCY_KEYS:
    from .answers import clear

    @task(schedule="11 * * * *")
    async def clear_keys() -> None:
        """Delete expired keys, every hour."""
        await clear()
