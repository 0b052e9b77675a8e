# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What in a revision would lock a big table, or break the previous release while it still runs."""

from .linter import Finding, lint

__all__ = ["Finding", "lint"]
