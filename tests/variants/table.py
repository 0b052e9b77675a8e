"""Prints the table in ARCHITECTURE.md that counts what is rendered, booted and tested.

python -m tests.variants.table
"""

from . import names
from .oracle import OFFERED, combinations, pairwise
from .test_boot import FEW, NEW
from .test_defects import DEFECTS
from .test_static import of_shard, shards


def table() -> str:
    """Return the table in Markdown."""
    every, few, many = (
        len(list(combinations())),
        len(pairwise({**FEW, **NEW})),
        len(pairwise(OFFERED)),
    )
    rows = [
        ("what", "how", "`make test`", "`make deep`"),
        (
            "combinations of answers",
            "rendered and compared with an oracle, linted and formatted; types are checked on a "
            "covering array, or on all",
            f"{sum(len(of_shard(shard)) for shard in shards())}: every combination of the answers that code "
            "depends on, with every pair of the others",
            f"{every}, all",
        ),
        (
            "variants that cover every pair of answers",
            "booted on SQLite, PostgreSQL, MariaDB or MySQL: migrated up, down and up, called "
            "over HTTP, stopped, their own tests run",
            f"{few}",
            f"up to {many}: as many Pythons as are installed",
        ),
        (
            "sets of names and words",
            "accepted, rendered and started, or refused by a rule",
            f"{names.FEW}",
            f"{names.MANY}",
        ),
        (
            "installs from the project's own pyproject.toml",
            "booted on four databases, at the lowest and the newest allowed versions, on the lowest "
            "and the highest Python; in `make test`, those on SQLite also run their tests",
            "5",
            "16",
        ),
        (
            "defects planted in the template",
            "each found by the law that it breaks",
            f"{len(DEFECTS)}",
            f"{len(DEFECTS)}",
        ),
    ]
    head, *body = [f"| {' | '.join(cells)} |" for cells in rows]
    return "\n".join([head, "|---|---|---|---|", *body, ""])


if __name__ == "__main__":
    print(table(), end="")
