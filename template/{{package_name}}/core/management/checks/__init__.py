# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What can be wrong with a project although it runs: the checks of `manage.py check`."""

from . import deploy, driver, project
from .registry import Level, Message, run_checks, tags

__all__ = ["Level", "Message", "deploy", "driver", "project", "run_checks", "tags"]
