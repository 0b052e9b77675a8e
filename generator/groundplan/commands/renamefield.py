"""Rename a field of a model: in code, tests and the table."""

from pathlib import Path
from typing import Any

import click

from ..completion import complete_model
from ._options import shown

EXAMPLE = "groundplan renamefield shop.Product title name"
HELP = f"""A reference is named without _id: its column and its relationship are both renamed.

The revision is written by the project's makemigrations, so the database must be reachable and
fully migrated. Other code is changed only where it certainly means the field. Lines that may mean it are
printed with their file and number, and the exit code is 1.

\b
{EXAMPLE}"""


@click.command(help=f"{__doc__}\n\n{HELP}", short_help=__doc__)
@click.argument("model", required=False, metavar="app.Model", shell_complete=complete_model)
@click.argument("old", required=False, metavar="FIELD")
@click.argument("new", required=False, metavar="NEW")
@shown
def command(model: str | None, old: str | None, new: str | None, **options: Any) -> None:
    from ..changes.execute import Options
    from ..editing import checking
    from ..editing.renamed import rename_field
    from ._altering import Altering

    if model is None or old is None or new is None:
        raise click.UsageError(f"Name the model, the field and its new name. Example: {EXAMPLE}")
    altering = Altering.of(Path.cwd(), model, EXAMPLE)
    table = checking.table(altering.project, altering.target)
    edits, field, name = rename_field(
        altering.project, altering.target, old, new, table, altering.commands
    )
    altering.execute(edits, Options(**options), "renamefield", field.name, name)
