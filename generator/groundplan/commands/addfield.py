"""Add fields to a model: to its class, schemas and factory, with a migration."""

from pathlib import Path
from typing import Any

import click

from ..completion import complete_model, complete_word

HELP = """Write fields as for startapp: name:type[=args][:modifier[=value]]... Existing rows get
the default; a field without a default must be :null.

Existing lines of a file do not change. If a file cannot be edited safely, it is not changed: the
lines to add by hand are printed, and the exit code is 1.

\b
groundplan addfield shop.Product stock:int:default=0:ge=0
groundplan addfield blog.Post subtitle:str=200:null editor:ref=blog.User:null"""


@click.command(help=f"{__doc__}\n\n{HELP}", short_help=__doc__)
@click.argument("model", required=False, metavar="app.Model", shell_complete=complete_model)
@click.argument("words", nargs=-1, metavar="field:type...", shell_complete=complete_word)
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("--diff", is_flag=True, help="Show the changes within files.")
@click.option("--force", is_flag=True, help="Overwrite conflicting files.")
@click.option(
    "--json", is_flag=True, help="Print the command, the changes and the new texts as JSON."
)
def command(model: str | None, words: tuple[str, ...], **options: Any) -> None:
    from ..changes import records
    from ..changes.execute import Options, execute
    from ..changes.fingerprint import fingerprint
    from ..changes.plan import make
    from ..editing import checking
    from ..editing.fields import NewFields, add_fields
    from ..fields.grammar import parse_field
    from ..fields.spelling import add_command
    from ..projects import Project

    if model is None or not words:
        missing = "The model is" if model is None else "The fields are"
        raise click.UsageError(f"{missing} missing. Example: {checking.EXAMPLE}")
    project = Project.find(Path.cwd())
    built_on = fingerprint(project.root)
    target = checking.find(project, model)
    table = checking.table(project, target)
    fields = checking.check(project, target, [parse_field(word) for word in words])
    added = add_fields(NewFields.of(project, target, fields, table))
    execute(
        make(project.root, files=added.files, edits=added.edits),
        Options(**options),
        command=add_command(target, fields),
        built_on=built_on,
        record=target.app if records.load(project.root, target.app) is not None else None,
        by_hand=added.by_hand,
        next_steps=["uv run python manage.py migrate", "uv run python manage.py test"],
    )
