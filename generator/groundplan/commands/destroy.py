"""Take back what startapp made of an app, byte for byte."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..completion import complete_app
from ..errors import Refusal

if TYPE_CHECKING:
    from ..projects import Project


DETAILS = """Its migration is reverted first when the database has it. A file that was edited since
is never deleted: the command names it and stops, or with --keep-edited takes back all the rest."""


@click.command(help=f"{__doc__}\n\n{DETAILS}", short_help=__doc__)
@click.argument("name", required=False, shell_complete=complete_app)
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option("--keep-edited", is_flag=True, help="Leave edited files, and take back the rest.")
@click.option("--dry-run", is_flag=True, help="Change nothing, and say what would be changed.")
@click.option("--diff", is_flag=True, help="Show what changes within the files.")
@click.option("--json", is_flag=True, help="Say it as JSON: the command, the changes, their texts.")
def command(
    name: str | None, yes: bool, keep_edited: bool, dry_run: bool, diff: bool, json: bool
) -> None:
    from ..changes import records, undoing
    from ..changes.carrying import How, carry_out
    from ..projects import Project, reverting

    if name is None:
        raise click.UsageError("An app's name is missing. As in: groundplan destroy shop")
    project = Project.find(Path.cwd())
    record = records.load(project.root, name)
    if record is None:
        raise _no_record(project, name)
    undone = undoing.undo(project, record)
    made = reverting.made_by(project, undone.removed)
    reverting.refuse_later(project, made)
    if undone.edited and not keep_edited:
        raise _edited(map(str, undone.edited))

    def first() -> None:
        reverting.confirm(project, name, made, yes=yes)
        reverting.revert(project, made)

    carry_out(
        undoing.plan(project.root, record, undone),
        How(dry_run=dry_run, diff=diff, json=json),
        command=f"groundplan destroy {name}",
        first=first,
    )


def _no_record(project: "Project", name: str) -> Refusal:
    from ..changes import records
    from ..fields.refusals import did_you_mean

    made = sorted(file.stem for file in (project.root / records.FOLDER).glob("*.json"))
    otherwise = f"Those that it made are {', '.join(made)}." if made else "It made no app here."
    if project.has_app(name):
        problem = f"{name!r}: startapp did not make this app, or its record is gone"
        return Refusal(problem, f"Delete by hand what you wrote by hand. {otherwise}")
    return Refusal(f"{name!r}: there is no such app", did_you_mean(name, made, otherwise=otherwise))


def _edited(paths: Iterable[str]) -> Refusal:
    problem = f"{', '.join(paths)}: edited since startapp made it. Nothing was changed"
    return Refusal(problem, "Take the edit away, or keep such files with --keep-edited.")
