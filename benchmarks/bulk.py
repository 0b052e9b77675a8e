"""What many rows cost: written by each way that there is, imported, and read out again.

A rendered project's users, on each database. The ways take turns, each on an empty table; the
figures are medians of thousand rows a second and their ratio to the way that is named beside them.
"""

import json
import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from tests.support.projects import Project, render
from tests.support.servers import Server

from . import peers
from .databases import on_each

INSIDE = Path(__file__).parent / "inside" / "bulk.py"
ROWS = os.environ.get("ROWS", "100_000")
STREAMED = os.environ.get("STREAMED", "1_000_000")
REPEATS = os.environ.get("REPEATS", "5")


def main() -> None:
    """Print a table in Markdown."""
    print(f"{int(ROWS):,} users, {REPEATS} repeats; {int(STREAMED):,} for the export\n")
    print("| database | way | thousand rows/s | ratio |")
    print("|---|---|---|---|", flush=True)
    on_each(measure)


def measure(server: Server, folder: Path) -> None:
    """Print the lines of one database."""
    database: URL = server.create_database()
    try:
        project = Project(
            render(folder, driver=server.driver),
            database=database,
            python=peers.python(),
            settings={
                "PYTHONWARNINGS": "ignore",  # a peer's import warns
                "DB_STATEMENT_TIMEOUT": "600",  # on MySQL and MariaDB a stream is one statement
            },
        )
        project.manage("migrate")
        written = inside(project, "ways", ROWS, REPEATS)
        inside(project, "fill", STREAMED)
        exported, memory = inside(project, "export", STREAMED)
    finally:
        server.drop_database(database)
    for way, rate, peer, ratio in written:
        compared = f"{ratio:.2f} of {peer}" if peer else ""
        print(f"| {server.kind.title} | {way} | {rate / 1000:.1f} | {compared} |")
    print(
        f"| {server.kind.title} | export as NDJSON | {exported / 1000:.1f} | {memory:.0f} MB at most |",
        flush=True,
    )


def inside(project: Project, *words: str) -> Any:
    """Run a part in the project, and return what it prints."""
    return json.loads(project.run(project.python, INSIDE, *words).stdout)
