"""Measures what the repository adds to the same statements on a plain session, in one process.

Figures are the CPU time of one unit of work in µs, as medians of the repeats, and the median ratio of the
two in the same repeat.
"""

import json
import os
from pathlib import Path

from tests.support.servers import Server

from . import generated
from .databases import on_each

INSIDE = Path(__file__).parent / "inside" / "repository.py"
REPEATS = os.environ.get("REPEATS", "15")


def main() -> None:
    """Print a Markdown table."""
    print("| database | what | session | repository | ratio |")
    print("|---|---|---|---|---|", flush=True)
    on_each(measure)


def measure(server: Server, folder: Path) -> None:
    """Print the lines for one database."""
    database = server.create_database()
    try:
        project = generated.create(folder, server.driver, database)
        keys = json.dumps(generated.fill(project, 1_000))
        done = project.run(project.python, INSIDE, REPEATS, keys)
        for what, hand, repository, ratio in json.loads(done.stdout):
            print(
                f"| {server.kind.title} | {what} | {hand:.0f} | {repository:.0f} | {ratio:.2f} |",
                flush=True,
            )
    finally:
        server.drop_database(database)
