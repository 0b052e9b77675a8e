"""Read a template's questions, and answers to them from the command line."""

import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from ..errors import Refusal
from ..fields.refusals import did_you_mean
from ..git import Git, GitError
from ..template import Template

Questions = Mapping[str, Mapping[str, Any]]
SLUG = re.compile(r"[a-z0-9_-]+")
# Other names for the drivers.
DRIVERS = {
    "mariadb": "aiomysql",
    "mysql": "aiomysql",
    "pg": "asyncpg",
    "postgres": "asyncpg",
    "postgresql": "asyncpg",
    "sqlite": "aiosqlite",
    "sqlite3": "aiosqlite",
}


def read(template: Template) -> Questions:
    """Return a template's questions, including derived facts.

    Raises:
        Refusal: it cannot be read, or is not a template.
    """
    folder = Path(template.address)
    text = _text(folder, template.ref) if folder.is_dir() else _fetched(template)
    document: dict[str, Any] = yaml.safe_load(text)
    return {key: value for key, value in document.items() if not key.startswith("_")}


def answers(given: Mapping[str, str], questions: Questions) -> dict[str, Any]:
    """Return answers in the types of their questions.

    Raises:
        Refusal: an unknown or derived question, or an invalid answer.
    """
    asked = [key for key, question in questions.items() if question.get("when") is not False]
    for key in given:
        if key in asked:
            continue
        fix = did_you_mean(key, asked, otherwise=f"The questions are {', '.join(asked)}.")
        if key in questions:
            problem = f"{key!r} is derived from other answers and cannot be set"
            raise Refusal(problem, fix)
        raise Refusal(f"No such question: {key!r}", fix)
    return {key: _value(key, text, questions[key]) for key, text in given.items()}


def named(name: str) -> dict[str, str]:
    """Return the answers for a project's name: `my_shop` is My Shop in the package my_shop.

    Raises:
        Refusal: it has no letter, such as `.`.
    """
    if name.strip() and not any(character.isalnum() for character in name):
        raise Refusal(
            f"{name!r} is not a service's name: it has no letter",
            "Give the folder after the name, as in groundplan startproject my-service .",
        )
    if not SLUG.fullmatch(name):
        return {"project_name": name}
    words = [word for word in re.split(r"[_-]+", name) if word]
    title = " ".join(word[:1].upper() + word[1:] for word in words)
    return {
        "project_name": title or name,
        "project_slug": name.replace("_", "-"),
        "package_name": name.replace("-", "_"),
    }


def pairs(words: Iterable[str]) -> dict[str, str]:
    """Split the values of `--set` into questions and answers.

    Raises:
        Refusal: a value has no `=`.
    """
    found: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise Refusal(f"--set {word!r} is not key=value", "Example: --set driver=asyncpg.")
        found[key.replace("-", "_")] = value
    return found


def _value(key: str, text: str, question: Mapping[str, Any]) -> Any:
    choices: dict[str, Any] | list[Any] = question.get("choices", [])
    if choices:
        values = choices.values() if isinstance(choices, dict) else choices
        known = [str(value) for value in values]
        if text not in known:
            near = DRIVERS.get(text.lower()) if key == "driver" else None
            otherwise = f"Choose one of {', '.join(known)}."
            fix = (
                f"Did you mean {near!r}?"
                if near
                else did_you_mean(text, known, otherwise=otherwise)
            )
            raise Refusal(f"{text!r} is not a valid {key}", fix)
    if question.get("type") == "bool":
        answer = {"yes": True, "true": True, "no": False, "false": False}.get(text.lower())
        if answer is None:
            raise Refusal(f"{text!r} is not a valid {key}", f"Answer yes or no, as in {key}=no.")
        return answer
    return text


def _text(folder: Path, ref: str | None) -> str:
    if ref is None and not folder.joinpath(".git").exists():
        return (folder / "copier.yml").read_text(encoding="utf-8")
    return _git(folder, "show", f"{ref or 'HEAD'}:copier.yml", of=str(folder))


def _fetched(template: Template) -> str:
    address, ref = template.address.removeprefix("git+"), template.ref or "HEAD"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _git(root, "clone", "--quiet", "--no-checkout", "--", address, "clone", of=address)
        return _git(root / "clone", "show", f"{ref}:copier.yml", of=address)


def _git(folder: Path, *arguments: str, of: str) -> str:
    """Run git for the template at an address."""
    try:
        return Git(folder)(*arguments)
    except GitError as error:
        problem = f"{of!r}: the template cannot be read: {error.reason}"
        fix = "Name another with --template: a git address, or the folder of a clone."
        raise Refusal(problem, fix) from None
