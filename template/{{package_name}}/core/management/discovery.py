# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Finds the commands of `manage.py`, and what `core/development` adds where it is installed.

Production images leave `core/development` out. No other code imports it: it is found here, by name.
"""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click

PACKAGE = Path(__file__).parents[2]
# The folder of pyproject.toml and migrations/. For a package that is installed from its wheel it is
# the folder of manage.py, which manage.py makes the current one.
PROJECT = PACKAGE.parent if (PACKAGE.parent / "migrations").is_dir() else Path.cwd()
MANAGEMENT = PACKAGE / "core/management/commands"
DEVELOPMENT = PACKAGE / "core/development/commands"
NAMES = "dumpdata inspectdb loaddata makemigrations routes seed shell squash test"
DEVELOPMENT_COMMANDS = {*NAMES.split()}


class Unusable(click.ClickException):
    """Settings are invalid, or what a command needs is not installed: exit code 2."""

    exit_code = 2


def sections() -> Iterator[tuple[str, list[Path]]]:
    """The files of the commands in the order of `--help`: the template's, then each app's."""
    yield "Commands", files(MANAGEMENT)
    missing = DEVELOPMENT_COMMANDS.difference(file.stem for file in files(DEVELOPMENT))
    left_out = [DEVELOPMENT / f"{name}.py" for name in missing]
    yield "Development commands", sorted([*files(DEVELOPMENT), *left_out])
    for folder in sorted(PACKAGE.glob("apps/*/commands")):
        yield f"Commands of {folder.parent.name}", files(folder)


def files(folder: Path) -> list[Path]:
    """The files of the commands in a folder."""
    return sorted(folder.glob("[!_]*.py"))


def find(name: str) -> list[Path]:
    """The files that define a command: more than one when they collide."""
    return [file for _, found in sections() for file in found if file.stem == name]


def summary(file: Path) -> str:
    """The first line of a command's docstring, read without importing the command."""
    if not file.exists():
        return "(not installed)"
    if len(find(file.stem)) > 1:
        return "(more than one file defines this command)"
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError) as error:
        return f"(cannot be read: {error})"
    return (ast.get_docstring(tree) or "").partition("\n")[0]


def load(name: str) -> click.Command | None:
    """Import a command; None if no file defines it."""
    found = find(name)
    if not found:
        return None
    file = found[0]
    if len(found) > 1:
        raise click.ClickException(
            f"{' and '.join(map(relative, found))} both define the command {name}. Rename one of them."
        )
    if not file.exists():
        raise Unusable(
            f"{name} is a development command, and this installation has no core/development. "
            "Run it in a checkout of the project."
        )
    if not file.is_relative_to(PACKAGE / "core"):
        require_installed(file)
    module = ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)
    command = getattr(import_module(module), "command", None)
    if not isinstance(command, click.Command):
        raise click.ClickException(
            f"{relative(file)} has no click command named `command`. "
            "Define one: `@click.command(help=__doc__)` on `def command()`."
        )
    return command


def require_installed(file: Path) -> None:
    """Refuse the command of an app that INSTALLED_APPS does not list; import every app's models."""
    from ...settings import settings
    from ..apps import import_models

    app = file.parts[-3]
    if app not in settings.INSTALLED_APPS:
        raise click.ClickException(
            f"{relative(file)} belongs to the app {app}, which is not installed. "
            f"Add {app!r} to INSTALLED_APPS in settings.py."
        )
    import_models(settings)  # a relationship names its class, which any app may define


def relative(file: Path) -> str:
    """A file's path from the project's folder."""
    return str(file.relative_to(PACKAGE.parent))


def import_development(module: str) -> None:
    """Import a module of `core/development`, which registers what it adds; do nothing without it."""
    if DEVELOPMENT.exists():
        import_module(f"..development.{module}", __package__)
