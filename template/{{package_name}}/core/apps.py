# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Find what the apps in INSTALLED_APPS define: models, routers, seeds."""

from collections.abc import Awaitable, Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from .settings import CoreSettings

Seed = Callable[[AsyncSession], Awaitable[object]]

PACKAGE = __name__.removesuffix(".core.apps")
FOLDER = Path(__file__).parents[2]
# Of a package that was installed from its wheel: the folder of `manage.py`, which makes it the current one.
PROJECT = FOLDER if (FOLDER / "migrations").is_dir() else Path.cwd()


class AppNotFound(Exception):
    """INSTALLED_APPS lists a name that is not a package under `apps/`."""


def import_models(settings: CoreSettings) -> None:
    """Import `models` of each installed app, so that their tables are in `Base.metadata`.

    Raises:
        AppNotFound: a listed app does not exist.
    """
    for app in settings.INSTALLED_APPS:
        _import(app, "models")


def routers(settings: CoreSettings) -> list[APIRouter]:
    """Return `router`, or the list `routers`, of each installed app's `routes`, in order.

    Prefer a list to a router that includes others, which matches each request twice.

    Raises:
        AppNotFound: a listed app does not exist.
    """
    found: list[APIRouter] = []
    for app in settings.INSTALLED_APPS:
        module = _import(app, "routes")
        if module is not None:
            found += module.routers if hasattr(module, "routers") else [module.router]
    return found


def seeds(settings: CoreSettings) -> dict[str, Seed]:
    """Return the `seed` of each installed app that has a `seed.py`, by the app's name, in order.

    Raises:
        AppNotFound: a listed app does not exist.
    """
    found = {app: _import(app, "seed") for app in settings.INSTALLED_APPS}
    return {app: module.seed for app, module in found.items() if module is not None}


def unlisted_apps(settings: CoreSettings) -> list[str]:
    """Return the sorted names of packages under `apps/` that INSTALLED_APPS does not list."""
    folders = (Path(folder) for folder in import_module(f"{PACKAGE}.apps").__path__)
    found = {init.parent.name for folder in folders for init in folder.glob("*/__init__.py")}
    return sorted(found - set(settings.INSTALLED_APPS))


def _import(app: str, name: str) -> ModuleType | None:
    package = f"{PACKAGE}.apps.{app}"
    if not app.isidentifier() or find_spec(package) is None:
        raise AppNotFound(
            f"INSTALLED_APPS lists {app!r}, but the package {package} does not exist. "
            "Create it, or remove the name from INSTALLED_APPS."
        )
    module = f"{package}.{name}"
    return import_module(module) if find_spec(module) else None
