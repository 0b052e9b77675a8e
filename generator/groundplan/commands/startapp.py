"""Add an app to a project, or models and jobs to an app: code, tests and migration."""

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..completion import complete_app, complete_model, complete_word

if TYPE_CHECKING:
    from ..fields.spec import Model, Spec
    from ..projects import Project

EXAMPLES = """\b
groundplan startapp shop Product title:str=200:unique price:decimal=10,2:ge=0
groundplan startapp shop Product title:str=200 Order product:ref=shop.Product
groundplan startapp shop --from spec.toml
groundplan startapp shop --task send_receipt"""

GRAMMAR = """A capitalised word is a model. The words after it are its fields, each written
name:type[=args][:modifier[=value]]... A field without :null is NOT NULL.

\b
types      str=N text int bigint smallint float decimal=p,s bool date time
           datetime duration uuid bytes json enum=a,b list=T email url slug
           secret password ref=app.Model many=app.Model; on PostgreSQL
           array=T citext=N
modifiers  null unique index default= made= ge= le= min= max= pattern=
           readonly writeonly on_delete=cascade|restrict|set_null back= table=
           through= comment=
of models  Product:softdelete:version:slug=title:search=title,body
across     unique=a,b index=a,b check=a.lt.b (also le gt ge ne); on PostgreSQL
           exclude=a,b..c"""

CALLERS = {
    "public": "anyone",
    "login": "logged-in users",
    "owner": "users",
    "staff": "staff with the permission",
}


@click.command(help=f"{__doc__}\n\n{GRAMMAR}\n\n{EXAMPLES}", short_help=__doc__)
@click.argument("name", required=False, shell_complete=complete_app)
@click.argument(
    "words", nargs=-1, metavar="[Model [field:type...]]...", shell_complete=complete_word
)
@click.option(
    "--from",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Read the models from a TOML file.",
)
@click.option(
    "--plural",
    "plurals",
    multiple=True,
    metavar="WORD",
    help="The plural in /api/<plural>: goods, or Product=goods for one of several models.",
)
@click.option(
    "--access",
    "both",
    multiple=True,
    metavar="WHO",
    help="Who may call the routes: public, login, owner or staff, or Product=owner for one model.",
)
@click.option("--read", multiple=True, metavar="WHO", help="Who may read, in the same words.")
@click.option("--write", multiple=True, metavar="WHO", help="Who may write, in the same words.")
@click.option(
    "--routes",
    "routes",
    multiple=True,
    metavar="NAMES",
    help="Which routes: some of list,read,create,change,delete, or Event=list,read for one model.",
)
@click.option(
    "--under",
    multiple=True,
    metavar="MODEL",
    shell_complete=complete_model,
    help="Serve the rows below those of another model: blog.Post, or Comment=blog.Post for one model.",
)
@click.option(
    "--only", type=click.Choice(["models"]), help="Generate only the models and their revision."
)
@click.option("--no-routes", is_flag=True, help="Generate no routes, and so no tests of them.")
@click.option("--no-tests", is_flag=True, help="Generate no tests.")
@click.option(
    "--task",
    "tasks",
    multiple=True,
    metavar="NAME",
    help="Add a background job and its test: send_receipt.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("--diff", is_flag=True, help="Show the changes within files.")
@click.option("--force", is_flag=True, help="Overwrite conflicting files.")
@click.option(
    "--json", is_flag=True, help="Print the command, the changes and the new texts as JSON."
)
def command(
    name: str | None,
    words: tuple[str, ...],
    file: Path | None,
    plurals: tuple[str, ...],
    both: tuple[str, ...],
    read: tuple[str, ...],
    write: tuple[str, ...],
    routes: tuple[str, ...],
    under: tuple[str, ...],
    only: str | None,
    no_routes: bool,
    no_tests: bool,
    tasks: tuple[str, ...],
    **options: Any,
) -> None:
    from dataclasses import replace

    from ..changes.execute import Options, execute
    from ..changes.fingerprint import fingerprint
    from ..changes.plan import make
    from ..editing import checking
    from ..editing.apps import add_app
    from ..fields import spelling
    from ..fields.access import with_access
    from ..fields.routes import with_parents, with_routes
    from ..fields.rules import check
    from ..projects import Project

    project = Project.find(Path.cwd())
    built_on = fingerprint(project.root)
    spec = with_access(_read(name, words, file, plurals, tasks), read=read, write=write, both=both)
    spec = with_parents(with_routes(spec, routes), under)
    spec = replace(
        spec, only_models=only is not None, has_routes=not no_routes, has_tests=not no_tests
    )
    spec = check(spec, project)
    _refuse_nothing(project.has_app(spec.app), spec.app, bool(spec.models or spec.tasks))
    checking.refuse_import_circles(project, spec)
    edits = add_app(project, spec)
    execute(
        make(project.root, files=edits.files, edits=edits.edits),
        Options(**options),
        command=spelling.command(spec),
        built_on=built_on,
        record=spec.app,
        by_hand=edits.by_hand,
        notes=_notes(spec, project),
        next_steps=_next_steps(bool(spec.models)),
    )


def _read(
    name: str | None,
    words: tuple[str, ...],
    file: Path | None,
    plurals: tuple[str, ...],
    tasks: tuple[str, ...],
) -> "Spec":
    from dataclasses import replace

    from ..fields import requests, toml
    from ..fields.refusals import EXAMPLE

    if name is None:
        raise click.UsageError(f"The name of the app is missing. Example: {EXAMPLE}")
    if file is not None and words:
        raise click.UsageError(
            "Name the models on the command line or in the file of --from, not in both."
        )
    spec = requests.from_words(name, words) if file is None else toml.from_toml(file, name)
    return replace(requests.with_plurals(spec, plurals), tasks=tasks)


def _refuse_nothing(has_app: bool, app: str, adds: bool) -> None:
    from ..fields.refusals import EXAMPLE, Broken

    if has_app and not adds:
        problem = "the app already exists"
        raise Broken(
            "app-twice",
            app,
            problem,
            f"Name a model or a --task to add. Example: {EXAMPLE}.",
        )


def _notes(spec: "Spec", project: "Project") -> list[str]:
    from ..resources.nesting import parent_context

    notes = [
        f"Enqueue the job in a unit of work: await {task}.enqueue(session)" for task in spec.tasks
    ]
    if spec.models and (spec.only_models or not spec.has_routes):
        return notes
    addresses = {model.name: f"/api/{model.plural}" for model in spec.models}
    for model in spec.models:
        if (parent := parent_context(project, spec, model)) is not None:
            addresses[model.name] = f"/api{parent.address(model.plural)}"
    if spec.models and not project.has_users:
        listed = " and ".join(addresses.values())
        notes.append(f"Anyone can read and write {listed}: the routes need no login.")
    elif spec.models:
        notes.append("\n".join(f"{addresses[one.name]}: {_who(one)}." for one in spec.models))
    owned = (model.fields for model in spec.models if model.read == "owner")
    notes += [
        f"{field.name} is unique among the rows of all owners: an answer of 409 tells a user that "
        f"somebody has the value. unique=owner,{field.name} is unique for each owner."
        for field in chain.from_iterable(owned)
        if field.unique and not (field.made or field.readonly)
    ]
    return notes


def _who(model: "Model") -> str:
    """Say who may call the routes of a model."""
    read, write = model.read or "public", model.write or "public"
    rows = " their own rows" if write == "owner" else ""
    if read == write:
        return f"{CALLERS[read]} can read and write{rows}"
    return f"{CALLERS[read]} can read, {CALLERS[write]} can write{rows}"


def _next_steps(has_models: bool) -> list[str]:
    steps = ["uv run python manage.py test"]
    return ["uv run python manage.py migrate", *steps] if has_models else steps
