# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The checks of `manage.py check`: mistakes that do not stop the service from starting."""

from importlib import import_module
from pkgutil import iter_modules

from .. import discovery
from .registry import Level as Level
from .registry import Message as Message
from .registry import run_checks as run_checks
from .registry import tags as tags

for module in iter_modules(__path__, f"{__name__}."):
    import_module(module.name)
discovery.import_development("checks")
