"""Compares the first and the last page of a long list, by keyset and by offset.

The list is a rendered project's posts, a million rows, on each database. Pages have 100 rows, so page
10,000 is the last. The two pages are requested in turn. Figures are medians in milliseconds.
"""

import json
import os
from pathlib import Path

from sqlalchemy import URL

from tests.support.projects import Project, render
from tests.support.servers import Server

from .databases import on_each

INSIDE = Path(__file__).parent / "inside" / "keyset.py"
ROWS = int(os.environ.get("ROWS", "1_000_000"))


def main() -> None:
    """Print a Markdown table."""
    print(f"Pages of 100 posts out of {ROWS:,}; medians in ms, and the ratio to page 1\n")
    print("| database | page 1 | last page by cursor | ratio | last page by offset | ratio |")
    print("|---|---|---|---|---|---|", flush=True)
    on_each(measure)


def measure(server: Server, folder: Path) -> None:
    """Print the line for one database."""
    database: URL = server.create_database()
    try:
        project = Project(render(folder, driver=server.driver), database=database)
        project.manage("migrate")
        done = project.run(project.python, INSIDE, str(ROWS))
    finally:
        server.drop_database(database)
    first, cursor, offset = json.loads(done.stdout)
    print(
        f"| {server.kind.title} {server.version()} | {first:.2f} | {cursor:.2f} "
        f"| {cursor / first:.2f} | {offset:.2f} | {offset / first:.1f} |",
        flush=True,
    )
