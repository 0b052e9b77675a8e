"""Remove what startapp and addfield created for an app, byte for byte."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..completion import complete_app
from ..errors import Refusal

if TYPE_CHECKING:
    from ..changes.records import Record
    from ..projects import Project
    from ..projects.revisions import Revision


DETAILS = """Applied migrations are reverted first. An edited file is never deleted: the command names it
and stops, or with --keep-edited removes everything else. Remove apps whose migrations depend on each
other together: groundplan destroy shop store."""
DEPLOYED = "If they are applied elsewhere, delete the code alone and run makemigrations."


@click.command(help=f"{__doc__}\n\n{DETAILS}", short_help=__doc__)
@click.argument("names", nargs=-1, metavar="NAME...", shell_complete=complete_app)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--keep-edited", is_flag=True, help="Keep edited files, and remove the rest.")
@click.option("--keep-database", is_flag=True, help="Do not revert the app's migrations.")
@click.option("--dry-run", is_flag=True, help="Show what would be changed, and change nothing.")
@click.option("--diff", is_flag=True, help="Show the changes within files.")
@click.option(
    "--json", is_flag=True, help="Print the command, the changes and the new texts as JSON."
)
def command(
    names: tuple[str, ...],
    yes: bool,
    keep_edited: bool,
    keep_database: bool,
    dry_run: bool,
    diff: bool,
    json: bool,
) -> None:
    from ..changes import undoing
    from ..changes.execute import Options, execute
    from ..changes.fingerprint import fingerprint
    from ..projects import Project, reverting

    if not names:
        raise click.UsageError("The name of the app is missing. Example: groundplan destroy shop")
    project = Project.find(Path.cwd())
    built_on = fingerprint(project.root)
    taken = [_record(project, name) for name in dict.fromkeys(names)]
    undone = undoing.undo(project, taken)
    made = reverting.made_by(project, undone.removed)
    _refuse_later(project, names, reverting.later(project, made))
    if undone.edited and not keep_edited:
        raise _edited(map(str, undone.edited))

    def first() -> None:
        asked = [] if keep_database else made
        if reverting.confirm(project, names, asked, yes=yes):
            reverting.revert(project, made)

    execute(
        undoing.plan(project.root, taken, undone),
        Options(dry_run=dry_run, diff=diff, json=json),
        command=f"groundplan destroy {' '.join(names)}",
        built_on=built_on,
        first=first,
    )


def _record(project: "Project", name: str) -> "Record":
    from ..changes import records
    from ..fields.refusals import did_you_mean

    record = records.load(project.root, name)
    if record is not None:
        return record
    made = records.apps(project.root)
    otherwise = f"It created {', '.join(made)}." if made else "It created no app in this project."
    if project.has_app(name):
        problem = f"{name!r}: startapp did not create this app, or its record was deleted"
        raise Refusal(problem, f"Delete it by hand. {otherwise}")
    raise Refusal(f"{name!r}: no such app", did_you_mean(name, made, otherwise=otherwise))


def _refuse_later(project: "Project", names: Sequence[str], later: "Sequence[Revision]") -> None:
    """Refuse to remove revisions that others follow, and name the apps of these."""
    from ..changes import records

    if not later:
        return
    others: dict[str, None] = {}
    unowned: list[str] = []
    for revision in later:
        path = revision.file.relative_to(project.root).as_posix()
        apps = [app for app in records.apps(project.root) if _has_made(project, app, path)]
        others.update(dict.fromkeys(apps))
        unowned += [] if apps else [revision.file.name]
    fixes = [f"delete {name} by hand if it is not applied anywhere" for name in unowned]
    if others:
        fixes.append(f"remove both: groundplan destroy {' '.join((*names, *others))}")
    problem = f"{later[0].file.name!r} follows a revision that would be removed"
    fix = ", and ".join(fixes)
    raise Refusal(problem, f"{fix[0].upper()}{fix[1:]}. {DEPLOYED}")


def _has_made(project: "Project", app: str, path: str) -> bool:
    from ..changes import records

    record = records.load(project.root, app)
    return record is not None and any(path in step.files for step in record.steps)


def _edited(paths: Iterable[str]) -> Refusal:
    problem = f"{', '.join(paths)}: edited since startapp created it; nothing was changed"
    return Refusal(problem, "Undo the edit, or keep edited files with --keep-edited.")
