# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What can be wrong with a project although it runs: the checks of `manage.py check`."""

from . import database_checks, deploy, project
from .registry import Level, Message, run_checks, tags

__all__ = ["Level", "Message", "database_checks", "deploy", "project", "run_checks", "tags"]
