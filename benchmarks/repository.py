"""Measures the repository against the same statements on plain sessions, in one process.

One session is that of the project's unit of work, the other that of an engine made by SQLAlchemy's
`create_async_engine` alone. Figures are the CPU time of one unit of work in µs, as medians of the
repeats, and the median ratios of the repository to the two in the same repeat.
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
    print(
        "| database | what | SQLAlchemy alone | session | repository | to session | to SQLAlchemy |"
    )
    print("|---|---|---|---|---|---|---|", flush=True)
    on_each(measure)


def measure(server: Server, folder: Path) -> None:
    """Print the lines for one database."""
    database = server.create_database()
    try:
        project = generated.create(folder, server.driver, database)
        keys = json.dumps(generated.fill(project, 1_000))
        done = project.run(project.python, INSIDE, REPEATS, keys)
        for what, plain, session, repository, *ratios in json.loads(done.stdout):
            times = f"{plain:.0f} | {session:.0f} | {repository:.0f}"
            to_session, to_plain = (f"{ratio:.2f}" for ratio in ratios)
            print(
                f"| {server.kind.title} | {what} | {times} | {to_session} | {to_plain} |",
                flush=True,
            )
    finally:
        server.drop_database(database)
