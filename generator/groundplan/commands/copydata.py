"""Copy all rows of one database into another, and compare them."""

import os
import subprocess
import sys
from pathlib import Path

import click

FOLDER = Path(__file__).parents[1] / "copydata"  # what it imports, and nothing else


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
    from ..projects.management import Unasked, python

    project = Project.find(Path.cwd())
    if (project.root / project.package / "core/management/commands/copydata.py").is_file():
        problem = f"{project.root} is from a release with its own command `manage.py copydata`"
        raise Refusal(
            problem, "Run that command, or bring the service up to date first: `groundplan update`."
        )
    try:
        interpreter = python(project)
    except Unasked as error:
        raise Refusal(str(error), "Create one with `uv sync`.") from None
    words = ["--from", source, "--to", target, "--batch", str(batch)]
    return _become(
        [
            *(str(interpreter), "-m", "groundplan_copydata", project.package, *words),
            *(["--json"] if as_json else []),
        ],
        folder=project.root,
    )


def _become(command: list[str], *, folder: Path) -> int:
    """Replace this process, so that signals, the terminal and the exit code are the copy's own."""
    paths = [str(FOLDER), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    if sys.platform != "win32":
        os.chdir(folder)
        os.execve(command[0], command, environment)
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode
