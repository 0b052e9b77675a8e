# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The web layer. Apps import from here: `from ...core.web import Router, Schema, SessionDep`."""

from .app import create_app
from .lists import Cursor, Limit, PageNumber, PageOf, PerPage, ScrollOf, SortOf
from .logging import configure_logging
from .patch import LEFT_OUT, Patch
from .problem import Problem, problems
from .routing import Router, SessionDep, UnitOfWorkRoute
from .rows import page_answer, scroll_answer
from .schemas import Schema
from .unstorable_text import parse_json

__all__ = [
    "LEFT_OUT",
    "Cursor",
    "Limit",
    "PageNumber",
    "PageOf",
    "Patch",
    "PerPage",
    "Problem",
    "Router",
    "Schema",
    "ScrollOf",
    "SessionDep",
    "SortOf",
    "UnitOfWorkRoute",
    "configure_logging",
    "create_app",
    "page_answer",
    "parse_json",
    "problems",
    "scroll_answer",
]
