# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Find what the apps in INSTALLED_APPS define: models, routers."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from fastapi import APIRouter

from .settings import CoreSettings

PACKAGE = __name__.removesuffix(".core.apps")


class AppNotFound(Exception):
    """INSTALLED_APPS lists a name that is not a package under `apps/`."""


def import_models(settings: CoreSettings) -> None:
    """Import `models` of each installed app, so that their tables are in `Base.metadata`."""
    for app in settings.INSTALLED_APPS:
        import_part(app, "models")


def routers(settings: CoreSettings) -> list[APIRouter]:
    """Return `router`, or the list `routers`, of each installed app's `routes`, in order.

    Prefer a list to a router that includes others, which matches each request twice.
    """
    found: list[APIRouter] = []
    for app in settings.INSTALLED_APPS:
        module = import_part(app, "routes")
        if module is not None:
            found += module.routers if hasattr(module, "routers") else [module.router]
    return found


def import_part(app: str, name: str) -> ModuleType | None:
    """Import a module of an app, such as "models"; None if the app has no such module.

    Raises:
        AppNotFound: the app does not exist.
    """
    package = f"{PACKAGE}.apps.{app}"
    if not app.isidentifier() or find_spec(package) is None:
        raise AppNotFound(
            f"INSTALLED_APPS lists {app!r}, but the package {package} does not exist. "
            "Create it, or remove the name from INSTALLED_APPS."
        )
    module = f"{package}.{name}"
    return import_module(module) if find_spec(module) else None
