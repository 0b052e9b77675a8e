"""Remove a field from a model: from code, tests and the table."""

from pathlib import Path
from typing import Any

import click

from ..completion import complete_model
from ._options import shown

EXAMPLE = "groundplan removefield shop.Product subtitle"
HELP = f"""The values in the database are lost as soon as the new revision is applied.

The revision is written by the project's makemigrations, so the database must be reachable and
fully migrated. Generated code that uses the field follows if it is as generated, or if your edits are on
other lines. Lines that may still use the field are printed with their file and number, and the exit
code is 1.

\b
{EXAMPLE}"""


@click.command(help=f"{__doc__}\n\n{HELP}", short_help=__doc__)
@click.argument("model", required=False, metavar="app.Model", shell_complete=complete_model)
@click.argument("field", required=False, metavar="FIELD")
@shown
def command(model: str | None, field: str | None, **options: Any) -> None:
    from ..changes.execute import Options
    from ..editing import checking
    from ..editing.links import remove_link
    from ..editing.removed import remove_field
    from ._altering import Altering

    if model is None or field is None:
        raise click.UsageError(f"Name the model and the field. Example: {EXAMPLE}")
    altering = Altering.of(Path.cwd(), model, EXAMPLE)
    table = checking.table(altering.project, altering.target)
    links = remove_link(altering.project, altering.target, field, altering.commands)
    if links is not None:
        altering.execute(links, Options(**options), "removefield", field)
        return
    edits, removed = remove_field(
        altering.project, altering.target, field, table, altering.commands
    )
    altering.execute(edits, Options(**options), "removefield", removed.name)
