"""What a template asks, and what words on the command line mean as its answers."""

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
# What people call the drivers.
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
    """Return a template's questions, derived facts included.

    Raises:
        Refusal: it cannot be read, or is no template.
    """
    folder = Path(template.address)
    text = _text(folder, template.ref) if folder.is_dir() else _fetched(template)
    document: dict[str, Any] = yaml.safe_load(text)
    return {key: value for key, value in document.items() if not key.startswith("_")}


def answers(given: Mapping[str, str], questions: Questions) -> dict[str, Any]:
    """Return answers of the types that the template wants.

    Raises:
        Refusal: there is no such question, it is derived from others, or it has other choices.
    """
    asked = [key for key, question in questions.items() if question.get("when") is not False]
    for key in given:
        if key in asked:
            continue
        fix = did_you_mean(key, asked, otherwise=f"The questions are {', '.join(asked)}.")
        if key in questions:
            problem = f"{key!r}: it is worked out from other answers, and cannot be set"
            raise Refusal(problem, fix)
        raise Refusal(f"{key!r}: there is no question of this name", fix)
    return {key: _value(key, text, questions[key]) for key, text in given.items()}


def named(name: str) -> dict[str, str]:
    """Return the answers that a project's name gives: `my_shop` is My Shop in the package my_shop.

    Raises:
        Refusal: it has no letter, as `.` has none.
    """
    if name.strip() and not any(character.isalnum() for character in name):
        problem = f"{name!r}: a service's name has a letter"
        raise Refusal(
            problem, "The folder stands behind it, as in groundplan startproject my-service ."
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
    """Read `--set key=value`, as often as it is given.

    Raises:
        Refusal: one has no `=`.
    """
    found: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise Refusal(f"{word!r}: --set takes key=value", "As in --set driver=asyncpg.")
        found[key.replace("-", "_")] = value
    return found


def _value(key: str, text: str, question: Mapping[str, Any]) -> Any:
    choices: dict[str, Any] | list[Any] = question.get("choices", [])
    if choices:
        values = choices.values() if isinstance(choices, dict) else choices
        known = [str(value) for value in values]
        if text not in known:
            near = DRIVERS.get(text.lower()) if key == "driver" else None
            otherwise = f"It is one of {', '.join(known)}."
            fix = (
                f"Did you mean {near!r}?"
                if near
                else did_you_mean(text, known, otherwise=otherwise)
            )
            raise Refusal(f"{text!r}: {key} has no such answer", fix)
    if question.get("type") == "bool":
        answer = {"yes": True, "true": True, "no": False, "false": False}.get(text.lower())
        if answer is None:
            raise Refusal(f"{text!r}: {key} is answered by yes or no", f"As in {key}=no.")
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
