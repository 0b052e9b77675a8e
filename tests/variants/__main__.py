"""Check one variant: `python -m tests.variants driver=asyncpg example=false [--boot]`.

`--boot` also runs it, on each server for its driver, which is started as `make test` does it.
"""

import sys
import tempfile
from contextlib import closing
from pathlib import Path

from ..support.servers import KINDS, names
from ..support.shared import Servers
from . import judging
from .booting import SERVERS, boot
from .environments import python_for
from .oracle import OFFERED, Answers, refused
from .rendering import DEFAULTS, tree, write


def main(words: list[str]) -> int:
    """Print the faults of the variant with these answers; return 1 if there are any."""
    answers: Answers = dict(DEFAULTS)
    for word in words:
        if word == "--boot":
            continue
        name, _, value = word.partition("=")
        chosen = {"true": True, "false": False}.get(value, value)
        if chosen not in OFFERED.get(name, ()):
            print(
                f"{word!r} is not a valid answer. Write one such as driver=asyncpg.",
                file=sys.stderr,
            )
            return 2
        answers[name] = chosen
    if refused(answers):
        names = ("auth", "admin", "jobs", "example")
        given = ", ".join(f"{name}={answers[name]}" for name in names).lower()
        advice = "Without auth, write auth=false admin=false example=false."
        print(f"{given} is refused. {advice}", file=sys.stderr)
        return 2
    found = tree(answers)
    faults = [fault for law in judging.TEXT_LAWS for fault in law(found, answers)]
    with tempfile.TemporaryDirectory() as folder:
        root = write(found, Path(folder, "project"))
        faults += [*judging.ruff(root), *judging.mypy(root)]
        faults += judging.pyright(root)
    print("\n".join(faults) or f"clean: {len(found)} files")
    if "--boot" in words and not faults:
        _boot(answers)
    return 1 if faults else 0


def _boot(answers: Answers) -> None:
    python = python_for(str(answers["python_version"]))
    with closing(Servers()) as servers, tempfile.TemporaryDirectory() as folder:
        for name in SERVERS[str(answers["driver"])]:
            if name in names():
                root = Path(folder, name)
                root.mkdir()
                boot(answers, servers.get(name, folder=root), root, python)
                print(f"works: on {KINDS[name].title} {servers.tested[name]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
