"""What a copy needs of the service: its models, column types, settings and revisions."""

import sys
from argparse import Namespace
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData
from sqlalchemy.types import TypeEngine

from .errors import CopyError


@dataclass(frozen=True)
class Types:
    """The column types of the service's `core.db.types` whose values each database stores differently."""

    Duration: type[TypeEngine[Any]]
    ExactDecimal: type[TypeEngine[Any]]
    FiniteFloat: type[TypeEngine[Any]]
    Json: type[TypeEngine[Any]]
    TimeOfDay: type[TypeEngine[Any]]
    UTCDateTime: type[TypeEngine[Any]]


@dataclass(frozen=True)
class Service:
    """A service, imported.

    Attributes:
        metadata: the tables of all its models.
        types: its column types.
        drivers: the SQLAlchemy names of the driver that it runs on, such as `postgresql+asyncpg`.
        connect_timeout: seconds to wait for a database to accept a connection.
        heads: its newest revisions.
    """

    metadata: MetaData
    types: Types
    drivers: tuple[str, ...]
    connect_timeout: float
    heads: frozenset[str]


def load(package: str, root: Path) -> Service:
    """Import a service.

    Args:
        package: the name of its package.
        root: its folder, which holds pyproject.toml.

    Raises:
        CopyError: a dependency is not installed, or the service comes from an unsupported release.
        click.ClickException: its settings are not valid (exit code 2), or INSTALLED_APPS is wrong.
    """
    try:
        settings = _settings(package)
        types = f"{package}.core.db.types"
        found = Types(*(_imported(types, field.name) for field in fields(Types)))
        _imported(f"{package}.core.apps", "import_models")(settings)
        return Service(
            metadata=_imported(f"{package}.core.db", "Base").metadata,
            types=found,
            drivers=tuple(_imported(f"{package}.core.settings", "DRIVERS")),
            connect_timeout=settings.db_connect_timeout,
            heads=_heads(root),
        )
    except ImportError as error:
        name = error.name or ""
        if name == package or name.startswith(f"{package}."):
            raise CopyError(
                f"this version of groundplan cannot copy the service: {error}",
                "If the service is of an older release, bring it up to date: `groundplan update`.",
            ) from error
        if isinstance(error, ModuleNotFoundError):
            raise CopyError(
                f"the service's environment {sys.prefix} has no package {error.name!r}",
                "Install the service there, with `uv sync` or `pip install -e .`.",
            ) from error
        raise


def _settings(package: str) -> Any:
    try:
        return _imported(f"{package}.settings", "settings")
    except Exception as error:
        explain = _imported(f"{package}.core.management.errors", "explain")
        explained: click.ClickException | None = explain(error)
        if explained is None:
            raise
        raise explained from error


def _heads(root: Path) -> frozenset[str]:
    config = Config(toml_file=root / "pyproject.toml", cmd_opts=Namespace(quiet=True))
    return frozenset(ScriptDirectory.from_config(config).get_heads())


def _imported(module: str, name: str) -> Any:
    """Return what `from module import name` gives.

    Raises:
        ImportError: the module or the name does not exist.
    """
    found = import_module(module)
    if not hasattr(found, name):
        raise ImportError(f"{module} has no {name}", name=module)
    return getattr(found, name)
