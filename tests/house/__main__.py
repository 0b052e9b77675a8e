"""Print the line budgets and the import graphs: `python -m tests.house`."""

import sys
import tempfile
from pathlib import Path

from ..support.projects import ROOT, render
from .budgets import budgets, table
from .imports import graph, mermaid
from .layers import GENERATOR, PROJECT


def main() -> int:
    """Print the budgets, then the graphs as Mermaid pictures; 1 if a budget is exceeded."""
    with tempfile.TemporaryDirectory() as folder:
        root = render(Path(folder) / "project", example=False)
        found = budgets(render(Path(folder) / "without", auth=False, jobs=False), root)
        print(table(found), end="\n\n")
        print(mermaid(graph(root / "my_service"), PROJECT), end="\n\n")
        print(mermaid(graph(ROOT / "generator/groundplan"), GENERATOR))
    return int(any(budget.lines > budget.most for budget in found))


if __name__ == "__main__":
    sys.exit(main())
