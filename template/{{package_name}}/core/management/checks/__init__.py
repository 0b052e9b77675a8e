# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What can be wrong with a project although it runs: the checks of `manage.py check`."""

from .. import discovery
from . import database_checks, deploy, project
from .registry import Level, Message, run_checks, tags

discovery.import_development("checks")

__all__ = ["Level", "Message", "database_checks", "deploy", "project", "run_checks", "tags"]
