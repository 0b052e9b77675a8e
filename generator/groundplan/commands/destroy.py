"""Take back what startapp and addfield made of an app, byte for byte."""

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


DETAILS = """Its migrations are reverted first when the database has them. A file that was edited since
is never deleted: the command names it and stops, or with --keep-edited takes back all the rest.
Apps whose migrations follow each other go together: groundplan destroy shop store."""


@click.command(help=f"{__doc__}\n\n{DETAILS}", short_help=__doc__)
@click.argument("names", nargs=-1, metavar="NAME...", shell_complete=complete_app)
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option("--keep-edited", is_flag=True, help="Leave edited files, and take back the rest.")
@click.option("--dry-run", is_flag=True, help="Change nothing, and say what would be changed.")
@click.option("--diff", is_flag=True, help="Show what changes within the files.")
@click.option("--json", is_flag=True, help="Say it as JSON: the command, the changes, their texts.")
def command(
    names: tuple[str, ...], yes: bool, keep_edited: bool, dry_run: bool, diff: bool, json: bool
) -> None:
    from ..changes import undoing
    from ..changes.execute import Options, execute
    from ..changes.fingerprint import fingerprint
    from ..projects import Project, reverting

    if not names:
        raise click.UsageError("An app's name is missing. As in: groundplan destroy shop")
    project = Project.find(Path.cwd())
    built_on = fingerprint(project.root)
    taken = [_record(project, name) for name in dict.fromkeys(names)]
    undone = undoing.undo(project, taken)
    made = reverting.made_by(project, undone.removed)
    _refuse_later(project, names, reverting.later(project, made))
    if undone.edited and not keep_edited:
        raise _edited(map(str, undone.edited))

    def first() -> None:
        if reverting.confirm(project, names, made, yes=yes):
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
    otherwise = f"Those that it made are {', '.join(made)}." if made else "It made no app here."
    if project.has_app(name):
        problem = f"{name!r}: startapp did not make this app, or its record is gone"
        raise Refusal(problem, f"Delete by hand what you wrote by hand. {otherwise}")
    raise Refusal(f"{name!r}: there is no such app", did_you_mean(name, made, otherwise=otherwise))


def _refuse_later(project: "Project", names: Sequence[str], later: "Sequence[Revision]") -> None:
    """Refuse to take revisions away that others follow, and say which apps these are of."""
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
    fixes = [f"delete {name} by hand, when no database has it" for name in unowned]
    if others:
        fixes.append(f"take both back: groundplan destroy {' '.join((*names, *others))}")
    problem = f"{later[0].file.name!r} follows a revision that would go"
    fix = ", and ".join(fixes)
    raise Refusal(problem, f"{fix[0].upper()}{fix[1:]}.")


def _has_made(project: "Project", app: str, path: str) -> bool:
    from ..changes import records

    record = records.load(project.root, app)
    return record is not None and any(path in step.files for step in record.steps)


def _edited(paths: Iterable[str]) -> Refusal:
    problem = f"{', '.join(paths)}: edited since startapp made it. Nothing was changed"
    return Refusal(problem, "Take the edit away, or keep such files with --keep-edited.")
