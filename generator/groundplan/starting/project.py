"""Start a project: render it in a temporary folder, show it, and move it into place."""

import json as as_json
import re
import shlex
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ..changes import show
from ..template import Template
from . import questions, rendering, repository, running

# The questions that have an option.
FLAGS = (
    "driver",
    "primary_key",
    "python_version",
    "auth",
    "admin",
    "jobs",
    "example",
    "container",
    "ci",
)
SERVERS = {"asyncpg": "PostgreSQL", "aiomysql": "MariaDB"}


@dataclass(frozen=True, kw_only=True)
class StartRequest:
    """The arguments of `startproject`.

    Attributes:
        name: the service's name, as given.
        folder: the target, by default a folder of the service's name.
        named: the value of `--template`, or None for the program's own template.
        answers: the given answers.
        ask: ask for the other answers at the terminal.
        git: create a repository, unless the target is already in one.
    """

    name: str
    folder: Path | None
    template: Template
    named: str | None
    answers: Mapping[str, Any]
    ask: bool
    git: bool


def start(
    request: StartRequest, asked: questions.Questions, *, dry_run: bool, run: bool, json: bool
) -> None:
    """Start a project, or with `dry_run` print exactly what that would print.

    Raises:
        Refusal: the target is taken, an answer is refused, or a file cannot be written.
    """
    if request.folder is not None:
        rendering.refuse_taken(request.folder)
    with tempfile.TemporaryDirectory(prefix="groundplan-") as scratch:
        aside = Path(scratch, "project")
        answers = rendering.render(request.template, aside, request.answers, ask=request.ask)
        target = request.folder or Path(str(answers["project_slug"]))
        rendering.refuse_taken(target)
        files = list(rendering.files(aside))
        equivalent = command(request, answers, asked)
        steps = next_steps(target, answers, aside / ".env.example")
        if json:
            _print_data(aside, files, equivalent, steps)
        else:
            _print(target, files, equivalent)
        if not dry_run:
            if request.git and not repository.is_within(target.absolute()):
                repository.commit(aside, answers)
            rendering.settle(aside, target.absolute())
    if not json and not (run and not dry_run):
        click.echo("\nNext steps:\n")
        for step in steps:
            click.echo(f"    {step}")
    if run and not dry_run:
        running.run(target, answers)


def command(request: StartRequest, answers: Mapping[str, Any], asked: questions.Questions) -> str:
    """Return the command that makes the same project without questions, quoted for a shell."""
    words = ["groundplan", "startproject", request.name]
    if request.folder is not None:
        words.append(str(request.folder))
    implied = {key: _default(question, answers) for key, question in asked.items()}
    implied |= questions.named(request.name)
    if implied["project_slug"] is None and not request.ask:  # derived from the name again
        implied |= {key: value for key, value in answers.items() if key not in request.answers}
    for key, value in answers.items():
        if value != implied.get(key):
            text = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
            words += (
                [f"--{key.replace('_', '-')}", text] if key in FLAGS else ["--set", f"{key}={text}"]
            )
    if request.named is not None:
        words += ["--template", request.named]
    if not request.git:
        words.append("--no-git")
    return shlex.join([*words, "--defaults"])


def next_steps(target: Path, answers: Mapping[str, Any], settings: Path) -> list[str]:
    """Return the commands that lead to a running service.

    Args:
        target: its folder.
        answers: of the template's questions.
        settings: the example of its settings.
    """
    steps = [] if target.resolve() == Path.cwd() else [f"cd {shlex.quote(str(target))}"]
    steps += ["cp .env.example .env", "uv sync"]
    if answers.get("driver") in SERVERS and answers.get("container"):
        steps.append("docker compose up -d --wait db")
    elif answers.get("driver") in SERVERS:
        text = settings.read_text("utf-8") if settings.is_file() else ""
        url = re.search(r"^DATABASE_URL=(.+)$", text, re.MULTILINE)
        at = f" at {url[1]}" if url else ""
        steps.append(f"# start {SERVERS[answers['driver']]}{at}, or set DATABASE_URL in .env")
    return [*steps, "uv run python manage.py migrate", "uv run python manage.py runserver"]


def _default(question: Mapping[str, Any], answers: Mapping[str, Any]) -> Any:
    """Return a question's default for a new project, or None if it is a text derived from answers."""
    default = question.get("default")
    if not isinstance(default, str) or "{" not in default:
        return default
    if question.get("type") == "bool":  # updates of older projects have another default
        from jinja2 import Template as Text

        return Text(default).render(answers) == "True"
    return None


def _print(target: Path, files: Iterable[Path], equivalent: str) -> None:
    click.echo(f"{equivalent}\n")
    for file in files:
        click.echo(show.status("create", target / file, "green"))


def _print_data(aside: Path, files: Iterable[Path], equivalent: str, steps: list[str]) -> None:
    changes = [
        {
            "action": "create",
            "path": file.as_posix(),
            "text": (aside / file).read_text(encoding="utf-8"),
        }
        for file in files
    ]
    click.echo(as_json.dumps({"command": equivalent, "changes": changes, "next": steps}, indent=2))
