# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Safe steps for revisions on MySQL and MariaDB: `from <package>.core.management import steps`."""

from .backfilling import backfill

__all__ = ["backfill"]
