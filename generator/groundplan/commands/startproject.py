"""Start a service: render it and create its git repository."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

DETAILS = """NAME is the service's name, such as my-service, my_service or 'My Service'. DIR is its folder, by
default a new folder of that name. The command asks for missing answers. Without a terminal, or with
--defaults, it uses the template's defaults."""
EXAMPLE = "groundplan startproject my-service --driver asyncpg --defaults"


def answer(name: str, metavar: str, help: str) -> Callable[[Decorated], Decorated]:
    """Return an option that answers the question of the same name."""
    return click.option(f"--{name.replace('_', '-')}", name, metavar=metavar, help=help)


@click.command(help=f"{__doc__}\n\n{DETAILS}\n\n{EXAMPLE}", short_help=__doc__)
@click.argument("name", required=False)
@click.argument("folder", required=False, metavar="[DIR]", type=click.Path(path_type=Path))
@answer("driver", "NAME", "asyncpg (PostgreSQL), aiosqlite (SQLite) or aiomysql (MariaDB, MySQL).")
@answer("primary_key", "NAME", "uuid7 or bigint.")
@answer("python_version", "X.Y", "The lowest Python that the service supports.")
@answer("auth", "yes|no", "Users, logins and permissions, with background jobs and mail.")
@answer("admin", "yes|no", "An admin at /admin, for staff.")
@answer("jobs", "yes|no", "Background jobs and mail.")
@answer("example", "yes|no", "The example apps, blog and ledger.")
@answer("container", "yes|no", "A Dockerfile and a compose.yaml.")
@answer("ci", "NAME", "github, gitlab or none.")
@click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="Answer any question.")
@click.option(
    "--defaults", is_flag=True, help="Use the defaults for missing answers instead of asking."
)
@click.option("--template", metavar="ADDRESS", help="Another template: a git address or a folder.")
@click.option("--no-git", is_flag=True, help="Do not create a git repository.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("--run", is_flag=True, help="Then install, migrate and serve the service.")
@click.option("--json", is_flag=True, help="Print JSON: the command, the changes, the next steps.")
def command(
    name: str | None,
    folder: Path | None,
    sets: tuple[str, ...],
    template: str | None,
    no_git: bool,
    **options: Any,
) -> None:
    import sys

    from .. import template as templates
    from ..starting import project, questions

    if name is None:
        raise click.UsageError(f"Missing the service's name. Example: {EXAMPLE}")
    flags = {key: options.pop(key) for key in ("defaults", "dry_run", "run", "json")}
    chosen = {key: value for key, value in options.items() if value is not None}
    source = templates.find(template)
    asked = questions.read(source)
    named = questions.named(name)
    given = questions.answers({**named, **chosen, **questions.pairs(sets)}, asked)
    project.start(
        project.StartRequest(
            name=name,
            folder=folder,
            template=source,
            named=template,
            answers=given,
            ask=not flags["defaults"] and not flags["json"] and sys.stdin.isatty(),
            git=not no_git,
        ),
        asked,
        dry_run=flags["dry_run"],
        run=flags["run"],
        json=flags["json"],
    )
