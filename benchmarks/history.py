"""Keeps the figures of each release, one line per release and machine, and draws them."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import TypedDict

from tests.support.projects import ROOT

from .report import COLORS, Table, machine

LINES = ROOT / "docs" / "benchmarks" / "history.json"
PICTURE = LINES.with_suffix(".svg")
DATABASE = "PostgreSQL"  # the one that is drawn


class Entry(TypedDict):
    """The figures of a release on a machine."""

    release: str
    machine: str
    date: str
    figures: dict[str, dict[str, float]]  # database: operation: CPU time, as a ratio to the floor


def record(tables: Mapping[str, Table], name: str) -> None:
    """Write down the figures of this version, in place of earlier ones from this machine.

    Args:
        tables: the measured figures.
        name: the stack whose figures they are.
    """
    entry = Entry(
        release=measured_release(),
        machine=machine(),
        date=datetime.now(UTC).date().isoformat(),
        figures={table.database: ratios(table, name) for table in tables.values()},
    )
    entries = [one for one in read() if key(one) != key(entry)] + [entry]
    LINES.parent.mkdir(exist_ok=True)
    LINES.write_text("[\n" + ",\n".join(map(json.dumps, entries)) + "\n]\n")
    PICTURE.write_text(picture(entries))


def measured_release() -> str:
    """Return this version, or "after" it if the changelog has unreleased entries."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text()
    unreleased = changelog.partition("## [Unreleased]\n")[2].partition("\n## [")[0]
    return f"after {version}" if unreleased.strip() else version


def read() -> list[Entry]:
    """Return all entries, in the order in which they were measured."""
    return json.loads(LINES.read_text()) if LINES.is_file() else []


def key(entry: Entry) -> tuple[str, str]:
    """Return what identifies an entry."""
    return entry["release"], entry["machine"]


def ratios(table: Table, name: str) -> dict[str, float]:
    """Return a stack's ratio to the floor for each operation."""
    mine, floor = table.figures[name], table.figures[table.floor]
    return {of: round(mine[of].over(floor[of]), 2) for of in table.operations}


BAR = 16  # pixels
GAP = 4
LABELS = 330
SCALE = 60  # pixels for once the floor


def picture(entries: Sequence[Entry]) -> str:
    """Return an SVG bar chart: for each operation, a bar for each entry."""
    drawn = [
        (f"{entry['release']}, {entry['machine']}", figures)
        for entry in entries
        for database, figures in entry["figures"].items()
        if database.startswith(DATABASE)
    ]
    parts: list[str] = []
    y = 34
    for operation in dict.fromkeys(of for _, figures in drawn for of in figures):
        parts.append(f'<text x="0" y="{y}" class="head">{escape(operation)}</text>')
        y += 8
        for place, (label, figures) in enumerate(drawn):
            ratio = figures.get(operation)
            if ratio is not None:
                color = COLORS[place < len(drawn) - 1]
                parts.append(
                    f'<text x="{LABELS - 8}" y="{y + 12}" text-anchor="end">{escape(label)}</text>'
                    f'<rect x="{LABELS}" y="{y}" width="{ratio * SCALE:.0f}" height="{BAR}"'
                    f' fill="{color}"/>'
                    f'<text x="{LABELS + ratio * SCALE + 6:.0f}" y="{y + 12}">{ratio:.2f}</text>'
                )
                y += BAR + GAP
        y += 26
    style = "text{font:12px sans-serif;fill:#222}.head{font-weight:bold;font-size:14px}"
    title = f"CPU per request on {DATABASE}, as a ratio to FastAPI and asyncpg by hand"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LABELS + 460}" height="{y}">'
        f'<style>{style}</style><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="0" y="16" class="head">{escape(title)}</text>' + "".join(parts) + "</svg>\n"
    )
