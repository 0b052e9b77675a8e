# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The command line behind `manage.py`. Each file in `commands/` is the command of its name."""

from .cli import main

__all__ = ["main"]
