"""Rename a model: in code, tests and the table."""

from pathlib import Path
from typing import Any

import click

from ..completion import complete_model
from ._options import shown

EXAMPLE = "groundplan renamemodel shop.Product Item"
HELP = f"""The table is renamed, too, unless the class has a __tablename__. The address of the routes
stays.

The revision is written by the project's makemigrations, so the database must be reachable and
fully migrated. Other code is changed only where it certainly means the model. Lines that may mean it are
printed with their file and number, and the exit code is 1.

\b
{EXAMPLE}"""


@click.command(help=f"{__doc__}\n\n{HELP}", short_help=__doc__)
@click.argument("model", required=False, metavar="app.Model", shell_complete=complete_model)
@click.argument("new", required=False, metavar="NEW")
@shown
def command(model: str | None, new: str | None, **options: Any) -> None:
    from ..changes.execute import Options
    from ..editing import checking
    from ..editing.renamed import rename_model
    from ._altering import Altering

    if model is None or new is None:
        raise click.UsageError(f"Name the model and its new name. Example: {EXAMPLE}")
    altering = Altering.of(Path.cwd(), model, EXAMPLE)
    table = checking.table(altering.project, altering.target)
    edits = rename_model(altering.project, altering.target, new, table, altering.commands)
    altering.execute(edits, Options(**options), "renamemodel", new)
