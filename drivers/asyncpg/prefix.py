# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Finds text by its beginning, with the help of an index."""

from typing import Any

from sqlalchemy import ColumnElement


def starts_with(column: Any, text: str) -> ColumnElement[bool]:
    """Compare the beginning of a column."""
    found: ColumnElement[bool] = column.startswith(text, autoescape=True)
    return found
