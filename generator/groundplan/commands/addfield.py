"""Add fields to a model, or an owner: to its code and tests, with a migration."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..completion import complete_model, complete_word

if TYPE_CHECKING:
    from ..fields.spec import Access

HELP = """Write fields as for startapp: name:type[=args][:modifier[=value]]... Existing rows get
the default; a field without a default must be :null, unless --empty says that there are no rows.

--owner adds the column owner_id: users then change only their own rows, and --read says who may
read. Queries, routes and tests that are still as generated follow.

Existing lines of a file do not change. If a file cannot be edited safely, it is not changed: the
lines to add by hand are printed, and the exit code is 1.

\b
groundplan addfield shop.Product stock:int:default=0:ge=0
groundplan addfield shop.Product subtitle:str=200:null editor:ref=users.User:null
groundplan addfield shop.Product tags:many=Tag
groundplan addfield shop.Product --owner --rows-of ada@example.org"""


@click.command(help=f"{__doc__}\n\n{HELP}", short_help=__doc__)
@click.argument("model", required=False, metavar="app.Model", shell_complete=complete_model)
@click.argument("words", nargs=-1, metavar="field:type...", shell_complete=complete_word)
@click.option("--owner", is_flag=True, help="Add an owner: each row belongs to a user.")
@click.option(
    "--rows-of",
    metavar="USER",
    help="With --owner: the user who will own existing rows, by email address or id; none if the table is empty.",
)
@click.option(
    "--read",
    type=click.Choice(["owner", "login", "public"]),
    help="With --owner: who may read. The default is owner.",
)
@click.option(
    "--empty",
    is_flag=True,
    help="The table is empty: fields may be NOT NULL without a default. The revision checks it.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("--diff", is_flag=True, help="Show the changes within files.")
@click.option("--force", is_flag=True, help="Overwrite conflicting files.")
@click.option(
    "--json", is_flag=True, help="Print the command, the changes and the new texts as JSON."
)
def command(
    model: str | None,
    words: tuple[str, ...],
    owner: bool,
    rows_of: str | None,
    read: "Access | None",
    empty: bool,
    **options: Any,
) -> None:
    from ..changes import records
    from ..changes.execute import Options, execute
    from ..changes.fingerprint import fingerprint
    from ..changes.plan import make
    from ..editing import checking
    from ..editing.fields import NewFields, add_fields
    from ..editing.links import add_links, check_links
    from ..editing.owner import add_owner, check_owner
    from ..editing.required import expect_required
    from ..fields.grammar import parse_field
    from ..fields.history import commands_of, recorded
    from ..fields.owner import owner_of
    from ..fields.spelling import add_command
    from ..projects import Project

    if not owner and (rows_of or read):
        raise click.UsageError("--rows-of and --read need --owner.")
    if owner and empty:
        raise click.UsageError("Write --rows-of none in place of --empty.")
    if owner and words:
        raise click.UsageError("Add the owner in a command without fields.")
    if model is None or not (words or owner):
        missing = "The model is" if model is None else "The fields are"
        raise click.UsageError(f"{missing} missing. Example: {checking.EXAMPLE}")
    project = Project.find(Path.cwd())
    built_on = fingerprint(project.root)
    target = checking.find(project, model)
    table = checking.table(project, target)
    record = records.load(project.root, target.app)
    commands = commands_of(project, record)
    if owner:
        check_owner(project, target)
        given = owner_of(project, read or "owner", _asked(rows_of, table))
        added = add_owner(project, target, given, table, commands)
        spelled = given.command(target)
    else:
        parsed = [parse_field(word) for word in words]
        fields = checking.check(project, target, parsed, is_empty=empty)
        if fields[0].type == "many":
            fields = check_links(project, target, fields, commands)
            added = add_links(project, target, fields, commands)
        else:
            made = recorded(commands, target.model)
            added = add_fields(NewFields.of(project, target, fields, table, made=made))
            if empty:
                expect_required(project, target, fields, commands, added)
        spelled = add_command(target, fields, *(["--empty"] if empty else []))
    execute(
        make(project.root, files=added.files, edits=added.edits),
        Options(**options),
        command=spelled,
        built_on=built_on,
        record=target.app if record is not None else None,
        by_hand=added.by_hand,
        next_steps=["uv run python manage.py migrate", "uv run python manage.py test"],
    )


def _asked(rows_of: str | None, table: str) -> str:
    """Return whose the existing rows are, and ask if no option says so."""
    from ..errors import NoTerminal

    if rows_of is not None:
        return rows_of
    if not sys.stdin.isatty():
        problem = f"Existing rows of {table} need an owner"
        raise NoTerminal(problem, "Write --rows-of EMAIL, or --rows-of none if the table is empty.")
    question = f"Which user should own existing rows of {table}? An email address or an id; none if the table is empty"
    answer: str = click.prompt(question)
    return answer
