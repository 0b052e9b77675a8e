"""Writes the figures as Markdown tables and as a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.support.projects import ROOT

from .load import Load

DOCUMENT = ROOT / "docs" / "benchmarks.md"
PICTURE = ROOT / "docs" / "benchmarks.svg"
INTRODUCTION = """\
# What a request costs

`make bench ONLY=service` writes this page. It was measured on {machine}.

Each cell shows the server's CPU time per request in µs: the median of {repeats} repeats, their range, and the
ratio to the floor in the same repeats. The floor is the same endpoints written by hand on the raw
driver. The second line shows requests per second, and the p50 and p99 latency, with 16 connections.

Groundplan's row is what `groundplan startapp` generates in a project without the example, so without
logins. All stacks use the same table, return the same JSON, run one uvicorn worker with uvloop and
httptools on one core, and use the same garbage collector settings. The table has the same rows before each
measurement: rows that a POST adds or a DELETE removes are restored outside the measured time. Compare the
ratios: absolute figures depend on the machine.

Each peer uses the fastest setup that its documentation describes; its file in `benchmarks/stacks` names the
source. SQLAlchemy Core sends single statements without a transaction. For a PATCH, the SQLAlchemy ORM,
SQLModel, Advanced Alchemy and Django load the row, change it and write it, as their documentation does.

![CPU per request, by stack](benchmarks.svg)

[history.json](benchmarks/history.json) keeps the ratios of each measurement, with its release and date. The
tables below are those of the last entry. `after 0.3.0` is a version between 0.3.0 and the next release:

![CPU per request on PostgreSQL, by release](benchmarks/history.svg)
"""


class Sample(NamedTuple):
    """One measurement of an operation of a stack."""

    cpu: float  # µs per request
    rate: float  # requests per second
    p50: float  # ms
    p99: float  # ms

    @classmethod
    def of(cls, done: Load, processor_seconds: float) -> "Sample":
        """Return the sample of a load and the CPU seconds that the server spent on it."""
        return cls(
            processor_seconds / done.requests * 1e6,
            done.requests / done.seconds,
            done.quantile(0.5) * 1e3,
            done.quantile(0.99) * 1e3,
        )


class Figure(NamedTuple):
    """The samples of an operation of a stack, in the order of the repeats."""

    samples: list[Sample]

    @property
    def cpu(self) -> float:
        return median(sample.cpu for sample in self.samples)

    def over(self, other: "Figure") -> float:
        """Return the median of the ratios to another figure, repeat by repeat."""
        return median(
            mine.cpu / its.cpu for mine, its in zip(self.samples, other.samples, strict=True)
        )

    def cell(self, floor: "Figure | None") -> str:
        """Return the table cell: CPU and range, ratio, rate, latencies."""
        costs = [sample.cpu for sample in self.samples]
        ratio = f" **{self.over(floor):.2f}x**" if floor is not None else ""
        rate = median(sample.rate for sample in self.samples)
        p50 = median(sample.p50 for sample in self.samples)
        p99 = median(sample.p99 for sample in self.samples)
        return (
            f"{self.cpu:.0f} ({min(costs):.0f} to {max(costs):.0f}){ratio}<br>"
            f"{rate:,.0f}/s, {p50:.1f} / {p99:.1f} ms"
        )


@dataclass
class Table:
    """The figures for one database."""

    database: str
    floor: str
    operations: Sequence[str]
    figures: Mapping[str, Mapping[str, Figure]]


def markdown(table: Table) -> str:
    """Return the Markdown table for one database."""
    lines = [
        f"| {table.database}: CPU µs, ratio; rate, p50 / p99 | "
        + " | ".join(table.operations)
        + " |",
        "|---" * (1 + len(table.operations)) + "|",
    ]
    floor = table.figures.get(table.floor)
    for name, figures in table.figures.items():
        cells = [figures[of].cell(floor[of] if floor else None) for of in table.operations]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def write(tables: Mapping[str, Table]) -> None:
    """Write the page and the picture."""
    repeats = max(
        len(figure.samples)
        for table in tables.values()
        for figures in table.figures.values()
        for figure in figures.values()
    )
    parts = [INTRODUCTION.format(machine=machine(), repeats=repeats)]
    parts += [f"## {table.database}\n\n{markdown(table)}" for table in tables.values()]
    DOCUMENT.write_text("\n".join(parts))
    PICTURE.write_text(picture(next(iter(tables.values()))))


def machine() -> str:
    """Return a short description of this machine."""
    cpus = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return f"{len(cpus)} cores of {cpus[0]}" if cpus else "an unknown machine"


BAR = 18  # pixels
GAP = 6
LABELS = 210
WIDTH = 560
COLORS = ("#2f6f4f", "#9aa5a0")


def picture(table: Table) -> str:
    """Return an SVG bar chart of the CPU per request, one group for each operation."""
    parts: list[str] = []
    y = 34
    for operation in table.operations:
        costs = {name: figures[operation].cpu for name, figures in table.figures.items()}
        scale = WIDTH / max(costs.values())
        parts.append(f'<text x="0" y="{y}" class="head">{escape(operation)}</text>')
        y += 10
        for place, (name, cost) in enumerate(sorted(costs.items(), key=lambda item: item[1])):
            top = y + place * (BAR + GAP)
            color = COLORS[name != "Groundplan"]
            parts.append(
                f'<text x="{LABELS - 8}" y="{top + 13}" text-anchor="end">{escape(name)}</text>'
                f'<rect x="{LABELS}" y="{top}" width="{cost * scale:.0f}" height="{BAR}"'
                f' fill="{color}"/>'
                f'<text x="{LABELS + cost * scale + 6:.0f}" y="{top + 13}">{cost:.0f}</text>'
            )
        y += len(costs) * (BAR + GAP) + 34
    style = "text{font:12px sans-serif;fill:#222}.head{font-weight:bold;font-size:14px}"
    title = f"Server CPU per request in µs, on {table.database}: lower is better"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LABELS + WIDTH + 60}" height="{y}">'
        f'<style>{style}</style><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="0" y="16" class="head">{escape(title)}</text>' + "".join(parts) + "</svg>\n"
    )
