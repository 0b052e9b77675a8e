# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The commands of `manage.py` that production runs. `commands/NAME.py` is the command NAME."""

from .cli import main

__all__ = ["main"]
