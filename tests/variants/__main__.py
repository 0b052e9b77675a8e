"""Judge one variant: `python -m tests.variants driver=asyncpg example=false`."""

import sys
import tempfile
from pathlib import Path

from . import judging
from .oracle import OFFERED, Answers
from .rendering import DEFAULTS, tree, write


def main(words: list[str]) -> int:
    """Print the faults of the variant that these words name; 1 when there is one."""
    answers: Answers = dict(DEFAULTS)
    for word in words:
        name, _, value = word.partition("=")
        chosen = {"true": True, "false": False}.get(value, value)
        if chosen not in OFFERED.get(name, ()):
            print(f"{word!r}: no such answer; wanted one like driver=asyncpg", file=sys.stderr)
            return 2
        answers[name] = chosen
    found = tree(answers)
    faults = [fault for law in judging.TEXT_LAWS for fault in law(found, answers)]
    with tempfile.TemporaryDirectory() as folder:
        root = write(found, Path(folder, "project"))
        faults += [*judging.ruff(root), *judging.mypy(root, Path(folder, "mypy"))]
        faults += judging.pyright(root)
    print("\n".join(faults) or f"clean: {len(found)} files")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
