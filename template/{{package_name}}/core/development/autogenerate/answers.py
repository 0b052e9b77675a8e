# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Answers to what a comparison cannot know: from options, a file, or the terminal."""

import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import click


class AnswerNeeded(click.ClickException):
    """Questions are open, and there is no terminal to ask at: exit code 3."""

    exit_code = 3

    def show(self, file: Any = None) -> None:
        click.echo(self.message, file=file, err=True)


class Answers:
    """The answers given so far, by `table` or `table.column`, and the questions still open.

    A new name that is empty means that the old one is dropped.
    """

    def __init__(self, renames: Mapping[str, str], defaults: Mapping[str, str]) -> None:
        self.renames = dict(renames)
        self.defaults = dict(defaults)
        self.open: list[str] = []
        self.used: set[str] = set()

    def renamed(self, kind: str, old: str, candidates: Sequence[str]) -> str | None:
        """Return which candidate is the new name; None if it is dropped or the question is open."""
        self.used.add(old)
        question = f"The models no longer have the {kind} {old}. Was it renamed?"
        if old not in self.renames:
            lines = [f"  {number}) yes, to {new}" for number, new in enumerate(candidates, 1)]
            answer = self.ask(
                "\n".join([question, *lines, f"  {len(lines) + 1}) no, drop it"]),
                [f"--rename {old}:{new}" for new in candidates] + [f"--rename {old}:"],
                choices=[*candidates, ""],
            )
            if answer is None:
                return None
            self.renames[old] = answer
        new = self.renames[old]
        if new and new not in candidates:
            raise click.UsageError(
                f"{old} cannot be renamed to {new!r}: the new names are {', '.join(candidates)}."
            )
        return new or None

    def default(self, column: str, question: str, *examples: str) -> str | None:
        """Return a value for existing rows of a `table.column`; None if the question is open."""
        self.used.add(column)
        if column not in self.defaults:
            shown = examples or ("VALUE", "sql:EXPRESSION")
            answer = self.ask(question, [f"--default {column}={example}" for example in shown])
            if answer is None:
                return None
            self.defaults[column] = answer
        return self.defaults[column]

    def ask(
        self, question: str, flags: Iterable[str], *, choices: Sequence[str] | None = None
    ) -> str | None:
        """Ask at the terminal. Without one, keep the question for `require_all`."""
        if not sys.stdin.isatty():
            self.open.append("\n".join([question, *(f"    {flag}" for flag in flags)]))
            return None
        if choices is None:
            return str(click.prompt(question, type=str))
        number = click.prompt(question, type=click.IntRange(1, len(choices)))
        return choices[number - 1]

    def require_all(self) -> None:
        """Refuse to continue while a question is open."""
        if self.open:
            advice = "Nothing was written. Answer with the options above, with --answers FILE, or at a terminal."
            raise AnswerNeeded("\n".join([*self.open, advice]))

    def require_used(self, *, renames_only: bool = False) -> None:
        """Refuse answers that no question asked for: they may be misspelled."""
        given = [(old, f"--rename {old}:{new}") for old, new in self.renames.items()]
        if not renames_only:
            given += [(name, f"--default {name}={value}") for name, value in self.defaults.items()]
        unused = [answer for name, answer in given if name not in self.used]
        if unused:
            advice = (
                f"No question asks for {', '.join(unused)}. Nothing was written. "
                "Run `makemigrations` without answers to see the questions."
            )
            raise click.UsageError("\n".join([*self.open, advice]))


def parse(renames: Iterable[str], defaults: Iterable[str], file: Path | None) -> Answers:
    """Read the answers of the command line and of a TOML file; the command line wins."""
    found: dict[str, dict[str, str]] = {"rename": {}, "default": {}}
    if file is not None:
        found.update(read(file))
    for answer in renames:
        old, colon, new = answer.partition(":")
        if not colon or not old or (new and old.count(".") != new.count(".")):
            raise click.BadParameter(
                f"{answer!r} is not old:new, as in posts:articles or posts.title:posts.headline.",
                param_hint="--rename",
            )
        found["rename"][old] = new
    for answer in defaults:
        column, equals, value = answer.partition("=")
        if not equals or column.count(".") not in {1, 2}:
            raise click.BadParameter(
                f"{answer!r} is not table.column=value, as in posts.views=0.",
                param_hint="--default",
            )
        found["default"][column] = value
    return Answers(found["rename"], found["default"])


def read(file: Path) -> dict[str, dict[str, str]]:
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise click.BadParameter(f"{file}: {error}.", param_hint="--answers") from None
    answers: dict[str, dict[str, str]] = {"rename": {}, "default": {}}
    for table, pairs in found.items():
        if table not in answers or not isinstance(pairs, dict):
            raise click.BadParameter(
                f"{file} has {table!r}. Only the tables [rename] and [default] are allowed.",
                param_hint="--answers",
            )
        answers[table] = dict(flat(cast("dict[str, Any]", pairs)))
    return answers


def flat(pairs: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield pairs as on the command line: with keys as `table.column`, whether quoted or not."""
    for key, value in pairs.items():
        if isinstance(value, dict):
            yield from flat(cast("dict[str, Any]", value), f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value).lower() if isinstance(value, bool) else str(value)
