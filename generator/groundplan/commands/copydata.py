"""Copy all rows of one database into another, and compare them."""

from pathlib import Path

import click


@click.command(
    epilog="Exit codes: 0 copied and equal, 1 refused or failed with nothing copied, "
    "2 wrong usage or invalid settings, 130 interrupted."
)
@click.option("--from", "source", metavar="URL", required=True, help="The database to read.")
@click.option("--to", "target", metavar="URL", required=True, help="The database to write.")
@click.option(
    "--batch",
    type=click.IntRange(min=1),
    default=1_000,
    show_default=True,
    help="Rows to read and write at a time.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(source: str, target: str, batch: int, as_json: bool) -> int:
    """Copy all rows of one database into another, and compare them.

    For a service that moves to another database. Run it in the service's folder. Both databases must
    be at the newest revision, and the new one empty. The old one is only read; its driver may differ
    from the service's, but must be installed in the service's environment, in which the copy runs.

    The copy is one transaction: if it fails or is killed, the new database stays empty.
    """
    from ..errors import Refusal
    from ..projects import Project
    from ._inside import run_inside

    project = Project.find(Path.cwd())
    if (project.root / project.package / "core/management/commands/copydata.py").is_file():
        problem = f"{project.root} is from a release with its own command `manage.py copydata`"
        raise Refusal(
            problem, "Run that command, or bring the service up to date first: `groundplan update`."
        )
    words = ["--from", source, "--to", target, "--batch", str(batch)]
    return run_inside(project, "copydata", *words, *(["--json"] if as_json else []))
