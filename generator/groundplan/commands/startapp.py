"""Add an app to a project, or models to an app: code, tests and migration."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..completion import complete_app, complete_word

if TYPE_CHECKING:
    from ..fields.spec import Spec

EXAMPLES = """\b
groundplan startapp shop Product title:str=200:unique price:decimal=10,2:ge=0
groundplan startapp shop Product title:str=200 Order product:ref=shop.Product
groundplan startapp shop --from spec.toml"""

GRAMMAR = """A word with a capital begins a model; the words after it are its fields, each
written name:type[=args][:modifier[=value]]... and NOT NULL unless :null is said.

\b
types      str=N text int bigint smallint float decimal=p,s bool date time
           datetime duration uuid bytes json enum=a,b list=T email url slug
           secret ref=app.Model many=app.Model
modifiers  null unique index default= ge= le= min= max= pattern= readonly
           writeonly on_delete=cascade|restrict|set_null back= comment="""


@click.command(help=f"{__doc__}\n\n{GRAMMAR}\n\n{EXAMPLES}", short_help=__doc__)
@click.argument("name", required=False, shell_complete=complete_app)
@click.argument(
    "words", nargs=-1, metavar="[Model [field:type...]]...", shell_complete=complete_word
)
@click.option(
    "--from",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Read the models from a file of TOML.",
)
@click.option(
    "--plural",
    "plurals",
    multiple=True,
    metavar="WORD",
    help="The plural in /api/<plural>, as in goods; for one of several models, Product=goods.",
)
@click.option("--dry-run", is_flag=True, help="Write nothing, and say what would be written.")
@click.option("--diff", is_flag=True, help="Show what changes within the files.")
@click.option("--force", is_flag=True, help="Overwrite files that are in conflict.")
@click.option("--json", is_flag=True, help="Say it as JSON: the command, the changes, their texts.")
def command(
    name: str | None,
    words: tuple[str, ...],
    file: Path | None,
    plurals: tuple[str, ...],
    **options: Any,
) -> None:
    from ..changes.execute import Options, execute
    from ..changes.fingerprint import fingerprint
    from ..changes.plan import make
    from ..editing import checking
    from ..editing.apps import add_app
    from ..fields import spelling
    from ..fields.rules import check
    from ..projects import Project

    project = Project.find(Path.cwd())
    built_on = fingerprint(project.root)
    spec = check(_read(name, words, file, plurals), project)
    _refuse_nothing(project.has_app(spec.app), spec.app, bool(spec.models))
    checking.refuse_import_circles(project, spec)
    edits = add_app(project, spec)
    execute(
        make(project.root, files=edits.files, edits=edits.edits),
        Options(**options),
        command=spelling.command(spec),
        built_on=built_on,
        record=spec.app,
        by_hand=edits.by_hand,
        next_steps=_next_steps(bool(spec.models)),
    )


def _read(
    name: str | None, words: tuple[str, ...], file: Path | None, plurals: tuple[str, ...]
) -> "Spec":
    from ..fields import requests, toml
    from ..fields.refusals import EXAMPLE

    if name is None:
        raise click.UsageError(f"An app's name is missing. A complete example: {EXAMPLE}")
    if file is not None and words:
        raise click.UsageError(
            "Models stand in the file of --from, or in the command: not in both."
        )
    spec = requests.from_words(name, words) if file is None else toml.from_toml(file, name)
    return requests.with_plurals(spec, plurals)


def _refuse_nothing(has_app: bool, app: str, has_models: bool) -> None:
    from ..fields.refusals import EXAMPLE, Broken

    if has_app and not has_models:
        problem = "there is an app of this name already"
        raise Broken("app-twice", app, problem, f"Name a model to add to it, as in: {EXAMPLE}.")


def _next_steps(has_models: bool) -> list[str]:
    steps = ["uv run python manage.py test"]
    return ["uv run python manage.py migrate", *steps] if has_models else steps
