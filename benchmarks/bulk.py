"""Measures bulk writes, imports and exports of many rows, by each available method.

The rows are users of a project without the example, on each database. The methods take turns, each on an empty
table. Figures are medians, in thousands of rows per second, and the ratio to the method named in the
same line.
"""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from tests.support.projects import Project
from tests.support.servers import Server

from . import generated
from .databases import on_each

INSIDE = Path(__file__).parent / "inside" / "bulk.py"
ROWS = os.environ.get("ROWS", "100_000")
STREAMED = os.environ.get("STREAMED", "1_000_000")
REPEATS = os.environ.get("REPEATS", "5")
ACCOUNTS = ("bank", "Account", "owner:str=40", "balance:decimal=18,2")
SETTINGS = {
    "PYTHONWARNINGS": "ignore",  # importing a peer raises warnings
    "DB_STATEMENT_TIMEOUT": "600",  # on MySQL and MariaDB a whole stream is one statement
}


def main() -> None:
    """Print a Markdown table."""
    print(f"{int(ROWS):,} users, {REPEATS} repeats; {int(STREAMED):,} for the export\n")
    print("| database | method | thousand rows/s | ratio |")
    print("|---|---|---|---|", flush=True)
    on_each(measure)


def measure(server: Server, folder: Path) -> None:
    """Print the lines for one database."""
    database: URL = server.create_database()
    try:
        project = generated.create(folder, server.driver, database)
        generated.startapp(folder, *ACCOUNTS)
        project.manage("migrate")
        project = replace(project, settings=SETTINGS)
        written = inside(project, "ways", ROWS, REPEATS)
        inside(project, "fill", STREAMED)
        exported, memory = inside(project, "export", STREAMED)
    finally:
        server.drop_database(database)
    for way, rate, peer, ratio in written:
        compared = f"{ratio:.2f} of {peer}" if peer else ""
        print(f"| {server.kind.title} | {way} | {rate / 1000:.1f} | {compared} |")
    print(
        f"| {server.kind.title} | export as NDJSON | {exported / 1000:.1f} | {memory:.0f} MB peak |",
        flush=True,
    )


def inside(project: Project, *words: str) -> Any:
    """Run one part of the benchmark inside the project; return the JSON that it prints."""
    return json.loads(project.run(project.python, INSIDE, *words).stdout)
