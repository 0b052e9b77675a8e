# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The checks of `manage.py check`: mistakes that do not stop the service from starting."""

from .. import discovery
from . import database_checks, deploy, project, statements
from .registry import Level, Message, run_checks, tags

discovery.import_development("checks")

__all__ = [
    "Level",
    "Message",
    "database_checks",
    "deploy",
    "project",
    "run_checks",
    "statements",
    "tags",
]
