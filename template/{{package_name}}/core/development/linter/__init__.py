# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Finds operations that lock a large table, or break the previous release while it still runs."""

from .linter import Finding, lint

__all__ = ["Finding", "lint"]
