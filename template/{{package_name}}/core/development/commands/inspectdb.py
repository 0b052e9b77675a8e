# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Write models for the existing tables of the database, as an app.

Without TABLES, it takes all tables that no installed app has a model for. What models cannot say is
listed, and is a comment in the file.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from pathlib import Path

import click
from sqlalchemy import Connection

from ....settings import settings
from ...apps import import_models
from ...management.discovery import PACKAGE, PROJECT
from ...management.errors import CommandError
from ...management.migrations import connect
from ..inspectdb.models import Module
from ..inspectdb.reflection import reflect

NEXT = """
Next steps:
1. Read {path}, and correct names and relationships.
2. Add {app!r} to INSTALLED_APPS in settings.py.
3. Write the first revision on an empty database: set DATABASE_URL to one, then run
   `manage.py migrate` and `manage.py makemigrations -m {app}`.
4. On this database, run `manage.py migrate --fake`, then `manage.py makemigrations --check`."""


@click.command(help=__doc__)
@click.argument("tables", nargs=-1, metavar="[TABLES]...")
@click.option("--app", default="legacy", show_default=True, help="Name of the new app.")
@click.option("--schema", "schemas", multiple=True, help="Schema to read; may be repeated.")
@click.option("--dry-run", is_flag=True, help="Print the models, but write nothing.")
def command(tables: tuple[str, ...], app: str, schemas: tuple[str, ...], dry_run: bool) -> None:
    if not (app.isidentifier() and app.islower()):
        raise CommandError(f"{app!r} cannot be the name of an app", "Use a name like `legacy`.")
    folder = PACKAGE / "apps" / app
    path = folder / "models.py"
    if folder.exists() and not dry_run:
        raise CommandError(
            f"{folder.relative_to(PROJECT)} already exists",
            "Choose another name with --app, or print the models with --dry-run.",
        )
    source, unmapped = asyncio.run(inspect(path, tables, schemas))
    for line in unmapped:
        click.echo(f"not mapped: {line}", err=True)
    if dry_run:
        click.echo(source, nl=False)
        return
    folder.mkdir()
    (folder / "__init__.py").touch()
    path.write_text(source, encoding="utf-8")
    click.echo(f"Created {path.relative_to(PROJECT)}")
    click.echo(NEXT.format(path=path.relative_to(PROJECT), app=app))


async def inspect(
    path: Path, tables: Sequence[str], schemas: Sequence[str]
) -> tuple[str, list[str]]:
    """Return the code of the models, and what is not mapped; by default of the default schema."""

    def write(connection: Connection) -> tuple[str, list[str]]:
        import_models(settings)
        found, views = reflect(connection, tables, schemas or [None])
        missing = [name for name in tables if name not in {table.name for table in found}]
        if missing or not found:
            what = f"table {missing[0]!r}" if missing else "table"
            raise CommandError(
                f"the database has no {what} without a model",
                "Name tables that exist and that no installed app has a model for.",
            )
        module = Module(found, connection.dialect)
        return module.code(path.parent.name, [] if tables else views), module.unmapped

    async with connect() as connection:
        source, unmapped = await connection.run_sync(write)
    linted = await ruff(source, path, "check", "--fix", "--select=F401,I,UP,RUF")
    return await ruff(linted, path, "format"), unmapped


async def ruff(source: str, path: Path, *arguments: str) -> str:
    """Pass code through ruff."""
    options = ("-m", "ruff", *arguments, "--quiet", "--stdin-filename", str(path), "-")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *options, cwd=PROJECT, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    out, err = await process.communicate(source.encode())
    if not out:
        raise CommandError(
            f"ruff cannot format the models: {err.decode().strip()}",
            "Install the project's development dependencies.",
        )
    return out.decode()
