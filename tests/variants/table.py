"""What is rendered, booted and tested on what: the table of README.md, with its counts.

python -m tests.variants.table
"""

from . import names
from .oracle import OFFERED, combinations, pairwise
from .test_boot import FEW, NEW
from .test_defects import DEFECTS


def table() -> str:
    """Return it in Markdown."""
    every, few, many = (
        len(list(combinations())),
        len(pairwise({**FEW, **NEW})),
        len(pairwise(OFFERED)),
    )
    rows = [
        ("what", "is", "`make test`", "`make deep`"),
        (
            "combinations of the answers to choose from",
            "rendered and compared with a second statement of the rules; ruff, mypy and pyright "
            "strict; TOML, YAML, JSON and Dockerfile read",
            f"{every}, all",
            f"{every}, all",
        ),
        (
            "variants in which each two answers meet",
            "booted on SQLite, PostgreSQL, MariaDB or MySQL: migrated up, down and up, asked over "
            "HTTP, stopped, their own tests run",
            f"{few}",
            f"up to {many}: the Pythons that are there",
        ),
        (
            "sets of names and words",
            "accepted and rendered clean and started, or refused by rule",
            f"{names.FEW}",
            f"{names.MANY}",
        ),
        (
            "installs from the project's own pyproject.toml",
            "booted and tested, on four databases; on its floors and the newest, on the lowest and "
            "the highest Python",
            "5",
            "16",
        ),
        (
            "defects planted in the template",
            "found, each by the law that is there for it",
            f"{len(DEFECTS)}",
            f"{len(DEFECTS)}",
        ),
    ]
    head, *body = [f"| {' | '.join(cells)} |" for cells in rows]
    return "\n".join([head, "|---|---|---|---|", *body, ""])


if __name__ == "__main__":
    print(table(), end="")
