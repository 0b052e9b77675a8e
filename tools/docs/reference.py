"""The reference: pages made from the code, the same for the same code."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from groundplan.fields import words
from tests.support.projects import render

from . import api, facts

ROOT = Path(__file__).resolve().parents[2]
DRIVERS = {"asyncpg": "PostgreSQL", "aiosqlite": "SQLite", "aiomysql": "MariaDB, MySQL"}
PACKAGE = "my_service"


def pages() -> dict[str, str]:
    """Return the pages of the reference by their place in the site."""
    with tempfile.TemporaryDirectory(prefix="groundplan-docs-") as folder:
        projects = {driver: render(Path(folder) / driver, driver=driver) for driver in DRIVERS}
        project = projects["asyncpg"]
        core = project / PACKAGE / "core"
        return {
            "reference/questions.md": questions(),
            "reference/settings.md": settings(projects),
            "reference/manage.md": manage(project),
            "reference/groundplan.md": program(),
            "reference/checks.md": facts.checks(core),
            "reference/errors.md": facts.errors(core),
            "reference/fields.md": fields(),
            **{f"reference/{name}.md": api.page(core, name) for name in api.MODULES},
        }


def questions() -> str:
    """The questions of copier.yml that people are asked."""
    read = yaml.safe_load((ROOT / "copier.yml").read_text())
    rows = [
        [f"`{name}`", each["help"], _answers(each), _default(each), _condition(each)]
        for name, each in read.items()
        if not name.startswith("_") and each.get("when") is not False
    ]
    return (
        "# Questions\n\n"
        "`groundplan startproject` and `copier copy` ask these. `groundplan update --set NAME=VALUE` changes an answer later.\n\n"
        + table(["Name", "Question", "Answers", "Default", "Asked"], rows)
    )


def _answers(question: dict[str, Any]) -> str:
    choices: dict[str, str] | list[str] | None = question.get("choices")
    if choices is None:
        return "`true`, `false`" if question["type"] == "bool" else "text"
    if isinstance(choices, list):
        return ", ".join(f"`{value}`" for value in choices)
    return "<br>".join(f"`{value}`: {title}" for title, value in choices.items())


def _default(question: dict[str, Any]) -> str:
    default = question["default"]
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if default == "":
        return "empty"
    shown = {
        "is_update": "`true`; `false` when an older project is updated",
        "latin": "from the project's name",
    }
    for mark, text in {**shown, "project_slug": "from the slug"}.items():
        if mark in str(default) and "{" in str(default):
            return text
    return f"`{default}`"


def _condition(question: dict[str, Any]) -> str:
    conditions = {
        "{{ auth }}": "with `auth`",
        "{{ not auth }}": "without `auth`",
        "{{ auth or is_update }}": "with `auth`",
    }
    return conditions[str(question["when"])] if "when" in question else "always"


def settings(projects: dict[str, Path]) -> str:
    """The settings of `core`, with the databases that have them."""
    found: dict[str, facts.Setting] = {}
    having: dict[str, list[str]] = {}
    for driver, project in projects.items():
        for setting in facts.settings(project / PACKAGE / "core" / "settings.py"):
            found.setdefault(setting.name, setting)
            having.setdefault(setting.name, []).append(DRIVERS[driver])
    rows: list[list[str]] = []
    in_code: list[list[str]] = []
    for name, each in found.items():
        only = "" if len(having[name]) == len(DRIVERS) else f" *{', '.join(having[name])} only.*"
        # Each driver has its own default URL.
        default = "per database" if name == "DATABASE_URL" else each.default
        row = [f"`{name}`", f"{each.text}{only}", f"`{each.type}`", default]
        (in_code if each.in_code else rows).append(row)
    return (
        "# Settings\n\n"
        "A setting is read from the environment, else from the file `.env`, else it has its default. "
        "`AUTH_…`, `PUBLIC_URL` and `TRUSTED_ORIGINS` exist with the answer `auth`; `JOBS_…`, `MAIL_…` and `WEBHOOK_NETWORKS` with `jobs`.\n\n"
        "Your own settings are fields of `Settings` in `settings.py`.\n\n"
        + table(["Name", "Meaning", "Type", "Default"], rows)
        + "\n## In settings.py\n\n"
        "These are attributes of the class `Settings`, not variables of the environment.\n\n"
        + table(["Name", "Meaning", "Type", "Default"], in_code)
    )


def manage(project: Path) -> str:
    """The commands of a project's manage.py, by their `--help`."""
    return "# manage.py\n\n" + _help("my_service.core.management.cli", "manage.py", project)


def program() -> str:
    """The commands of `groundplan`, by their `--help`."""
    return "# groundplan\n\n" + _help("groundplan.cli", "groundplan", ROOT)


def _help(module: str, name: str, folder: Path) -> str:
    script = str(Path(__file__).with_name("help.py"))
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "DEBUG": "true"}
    command = (sys.executable, script, module, name)
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=True)
    return str(json.loads(done.stdout))


def fields() -> str:
    """The grammar of fields."""
    types = [
        [
            f"`{name}`",
            f"`{each.example}`",
            each.takes or "",
            " ".join(f"`{word}`" for word in words.MODIFIERS if word in each.modifiers),
            " ".join(f"`{alias}`" for alias in each.aliases),
        ]
        for name, each in words.TYPES.items()
    ]
    others = [
        [f"`{name}`", " ".join(f"`{a}`" for a, of in words.MODIFIER_ALIASES.items() if of == name)]
        for name in words.MODIFIERS
    ]
    deleted = [[f"`{word}`", f"`{meaning}`"] for word, meaning in words.ON_DELETE.items()]
    return (
        "# Field grammar\n\n"
        "`name:type[=args][:modifier[=value]]…`, as `groundplan startapp` and `addfield` read it. "
        "[The generator](../generator.md#fields) explains each type and modifier.\n\n## Types\n\n"
        + table(["Type", "Example", "Takes", "Modifiers", "Also written"], types)
        + "\n## Modifiers\n\n"
        + table(["Modifier", "Also written"], others)
        + f"\nAccepted without effect, because it is the default: {', '.join(f'`{w}`' for w in words.IMPLIED)}.\n"
        + "\n## What on_delete= takes\n\n"
        + table(["Word", "Means"], deleted)
    )


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    return facts.table(head, rows)
