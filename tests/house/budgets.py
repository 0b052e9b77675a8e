"""Counts the lines that processes of a project import, and compares them with budgets."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

SERVING = ("asgi",)
RUNNING = (
    *SERVING,
    "core.management.commands.runserver",
    "core.management.commands.migrate",
)
ACCOUNT_COMMANDS = ("changepassword", "cleartokens", "createuser", "endsessions")
LOADED = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
core = sys.argv[1].partition(".")[0] + ".core"
for name, module in sorted(sys.modules.items()):
    if (name + ".").startswith(core + "."):
        print(module.__file__)
"""


class Budget(NamedTuple):
    """A number of lines and its maximum."""

    what: str
    lines: int
    most: int


def budgets(without: Path, root: Path, package: str = "my_service") -> list[Budget]:
    """Measure a rendered project.

    Args:
        without: the folder of a project without users and jobs.
        root: the folder of a project with users.
        package: their import name.
    """
    core = without / package / "core"
    own = root / package / "core"
    jobs = [
        *(own / "jobs").rglob("*.py"),
        *(own / "mail").rglob("*.py"),
        own / "mail_settings.py",
        own / "webhooks.py",
    ]
    commands = own / "management/commands"
    users = [
        *(own / "auth").rglob("*.py"),
        *(path for path in (root / package / "apps/users").rglob("*.py") if path.stem != "admin"),
        own / "management/accounts.py",
        *(commands / f"{name}.py" for name in ACCOUNT_COMMANDS),
    ]
    longest = max(sorted((root / package).rglob("*.py")), key=lines)
    return [
        Budget(f"core, imported by {package}.asgi", loaded(without, package, SERVING), 5_995),
        Budget("the same with runserver and migrate", loaded(without, package, RUNNING), 7_421),
        Budget("core/development", sum(map(lines, (core / "development").rglob("*.py"))), 3_200),
        Budget("jobs, mail and webhooks", sum(map(lines, jobs)), 2_071),
        Budget("the admin", sum(map(lines, (own / "admin").rglob("*.py"))), 1_898),
        Budget("users and access", sum(map(lines, users)), 2_239),
        Budget(f"the longest file, {longest.relative_to(root)}", lines(longest), 400),
    ]


def loaded(root: Path, package: str, modules: tuple[str, ...]) -> int:
    """Return the number of lines in the modules of `core` that importing these modules loads."""
    names = [f"{package}.{module}" for module in modules]
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *names], cwd=root, capture_output=True, text=True, check=True
    )
    return sum(lines(Path(file)) for file in done.stdout.splitlines())


def lines(file: Path) -> int:
    """Return the number of lines in a file."""
    return len(file.read_text(encoding="utf-8").splitlines())


def table(found: list[Budget]) -> str:
    """Return the budgets as a table."""
    rows = [
        ("", "lines", "at most"),
        *((row.what, f"{row.lines:,}", f"{row.most:,}") for row in found),
    ]
    width = max(len(row[0]) for row in rows)
    return "\n".join(f"{what:{width}}  {count:>7}  {most:>7}" for what, count, most in rows)
