"""Write models for the existing tables of a database, as an app."""

from pathlib import Path

import click


@click.command(
    epilog="Exit codes: 0 written, 1 refused, 2 wrong usage or invalid settings, 130 interrupted."
)
@click.argument("tables", nargs=-1, metavar="[TABLES]...")
@click.option("--app", default="legacy", show_default=True, help="Name of the new app.")
@click.option("--schema", "schemas", multiple=True, help="Schema to read; may be repeated.")
@click.option("--dry-run", is_flag=True, help="Print the models, but write nothing.")
def command(tables: tuple[str, ...], app: str, schemas: tuple[str, ...], dry_run: bool) -> int:
    """Write models for the existing tables of the service's database, as an app.

    Run it in the service's folder. Without TABLES, it takes all tables that no installed app has a
    model for. It lists what models cannot express, and writes it into the file as comments.
    """
    from ..projects import Project
    from ._inside import run_inside

    options = [f"--app={app}", *(f"--schema={schema}" for schema in schemas)]
    flags = ["--dry-run"] if dry_run else []
    return run_inside(Project.find(Path.cwd()), "inspectdb", *options, *flags, "--", *tables)
