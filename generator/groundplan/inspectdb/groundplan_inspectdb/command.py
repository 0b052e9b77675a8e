"""The command line. Its options are those of `groundplan inspectdb`, which checks them."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from pathlib import Path

import click
from sqlalchemy import Connection

from . import service
from .errors import InspectError

INTERRUPTED = 130
NEXT = """
Next steps:
1. Read {path}, and correct names and relationships.
2. Add {app!r} to INSTALLED_APPS in settings.py.
3. Write the first revision on an empty database: set DATABASE_URL to one, then run
   `manage.py migrate` and `manage.py makemigrations -m {app}`.
4. On this database, run `manage.py migrate --fake`, then `manage.py makemigrations --check`."""


@click.command()
@click.argument("package")
@click.argument("tables", nargs=-1)
@click.option("--app", required=True)
@click.option("--schema", "schemas", multiple=True)
@click.option("--dry-run", is_flag=True)
def command(
    package: str, tables: tuple[str, ...], app: str, schemas: tuple[str, ...], dry_run: bool
) -> None:
    service.use(package)
    if not (app.isidentifier() and app.islower()):
        raise InspectError(f"{app!r} cannot be the name of an app", "Use a name like `legacy`.")
    folder = service.PACKAGE / "apps" / app
    path = folder / "models.py"
    if folder.exists() and not dry_run:
        raise InspectError(
            f"{folder.relative_to(service.PROJECT)} already exists",
            "Choose another name with --app, or print the models with --dry-run.",
        )
    try:
        source, unmapped = asyncio.run(inspect(path, tables, schemas))
    except Exception as error:  # the database does not answer, for example
        explained: click.ClickException | None = service.explain(error)
        if explained is None:
            raise
        raise explained from error
    for line in unmapped:
        click.echo(f"not mapped: {line}", err=True)
    if dry_run:
        click.echo(source, nl=False)
        return
    folder.mkdir()
    (folder / "__init__.py").touch()
    path.write_text(source, encoding="utf-8")
    click.echo(f"Created {path.relative_to(service.PROJECT)}")
    click.echo(NEXT.format(path=path.relative_to(service.PROJECT), app=app))


async def inspect(
    path: Path, tables: Sequence[str], schemas: Sequence[str]
) -> tuple[str, list[str]]:
    """Return the code of the models, and what is not mapped; by default of the default schema."""
    from .models import Module  # which needs the service
    from .reflection import reflect

    def write(connection: Connection) -> tuple[str, list[str]]:
        service.import_models(service.settings)
        found, views = reflect(connection, tables, schemas or [None])
        missing = [name for name in tables if name not in {table.name for table in found}]
        if missing or not found:
            what = f"table {missing[0]!r}" if missing else "table"
            raise InspectError(
                f"the database has no {what} without a model",
                "Name tables that exist and that no installed app has a model for.",
            )
        module = Module(found, connection.dialect)
        return module.code(path.parent.name, [] if tables else views), module.unmapped

    async with service.connect() as connection:
        source, unmapped = await connection.run_sync(write)
    linted = await ruff(source, path, "check", "--fix", "--select=F401,I,UP,RUF")
    return await ruff(linted, path, "format"), unmapped


async def ruff(source: str, path: Path, *arguments: str) -> str:
    """Pass code through ruff."""
    options = ("-m", "ruff", *arguments, "--quiet", "--stdin-filename", str(path), "-")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *options, cwd=service.PROJECT, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    out, err = await process.communicate(source.encode())
    if not out:
        raise InspectError(
            f"ruff cannot format the models: {err.decode().strip()}",
            "Install the project's development dependencies.",
        )
    return out.decode()


def main() -> None:
    """Run the command and exit: 0 written, 1 refused, 2 invalid settings, 130 interrupted."""
    try:
        command.main(prog_name="groundplan inspectdb", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(INTERRUPTED)
