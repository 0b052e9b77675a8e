"""The service's own code, which models are written for and with. `use` imports it."""

import sys
from importlib import import_module
from typing import Any

from .errors import InspectError

# What each module of the service has. The names below get these values.
NAMES = {
    "core.apps": ("import_models",),
    "core.db": ("Base",),
    "core.db.base": ("plural",),
    "core.db.driver.migrations": ("DEFERRABLE", "OWN_TABLES"),
    "core.db.naming": ("snake",),
    "core.development.autogenerate.kinds": ("python_type",),
    "core.development.autogenerate.value_lists": ("value_list",),
    "core.management.discovery": ("PACKAGE", "PROJECT"),
    "core.management.inspection": ("whole",),
    "core.management.migrations": ("connect",),
    "core.management.server_defaults": ("LITERAL",),
    "core.management.sql_text": ("escaped",),
}

db: Any
explain: Any
settings: Any
types: Any

import_models: Any
Base: Any
plural: Any
DEFERRABLE: str | None
OWN_TABLES: tuple[str, ...]
snake: Any
python_type: Any
value_list: Any
PACKAGE: Any
PROJECT: Any
whole: Any
connect: Any
LITERAL: Any
escaped: Any


def use(package: str) -> None:
    """Import a service. The modules that write models can be imported from then on.

    Args:
        package: the name of its package.

    Raises:
        InspectError: a dependency is not installed, or the service comes from another release.
        click.ClickException: its settings are not valid (exit code 2).
    """
    global db, explain, settings, types
    try:
        explain = import_module(f"{package}.core.management.errors").explain
        settings = _settings(package)
        db, types = (import_module(f"{package}.core.{name}") for name in ("db", "db.types"))
        for module, names in NAMES.items():
            found = import_module(f"{package}.{module}")
            globals().update({name: getattr(found, name) for name in names})
    except (ImportError, AttributeError) as error:
        name = error.name or ""
        if isinstance(error, ModuleNotFoundError) and name.partition(".")[0] != package:
            raise InspectError(
                f"the service's environment {sys.prefix} has no package {name!r}",
                "Install the service there, with `uv sync` or `pip install -e .`.",
            ) from error
        raise InspectError(
            f"this version of groundplan cannot write models for the service: {error}",
            "If the service is of an older release, bring it up to date: `groundplan update`.",
        ) from error


def _settings(package: str) -> Any:
    try:
        return import_module(f"{package}.settings").settings
    except Exception as error:
        explained = explain(error)
        if explained is None:
            raise
        raise explained from error
