"""Answers that are changed later: which may be, and what a word on the command line means."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import yaml

from ..errors import Refusal

KEPT = {  # what is no update's to change, and why
    "project_name": "your README, your application's title and your issues go by it",
    "project_slug": "your image, your lock file and your deployments go by it",
    "package_name": "all of your imports go by it",
    "primary_key": "the rows that exist are known by it, and so are the references to them",
    "example": "its apps are yours since the first day",
}
INSTEAD = {
    "example": "Delete its apps and their names in INSTALLED_APPS, or copy them from a new service",
    "primary_key": "Give single models another key by its mixin, with a migration of your own",
}
RENAME = "Rename by hand, or start a new service under the new name and move your apps into it"

Questions = Mapping[str, Mapping[str, Any]]


def changes(given: Iterable[str], questions: Questions) -> dict[str, Any]:
    """Read `--set key=value`, as often as it was given.

    Args:
        given: the words.
        questions: what the template asks.

    Returns:
        The new answers.

    Raises:
        Refusal: No such question, one that may not change later, or an answer that it does not take.
    """
    changed: dict[str, Any] = {}
    for word in given:
        key, equals, value = word.partition("=")
        if not equals:
            raise Refusal(f"--set got {word!r}", "Wanted is key=value, such as driver=asyncpg")
        _may_change(key, questions)
        changed[key] = _value(key, value, questions[key])
    return changed


def _may_change(key: str, questions: Questions) -> None:
    asked = [name for name, question in questions.items() if question.get("when") is not False]
    if key in KEPT and key in asked:
        raise Refusal(f"{key} may not change later: {KEPT[key]}", INSTEAD.get(key, RENAME))
    if key in asked:
        return
    possible = [name for name in asked if name not in KEPT]
    if key in questions:
        raise Refusal(f"{key} is derived from other answers", f"Set one of {', '.join(possible)}")
    close = get_close_matches(key, possible, n=1)
    fix = f"Did you mean {close[0]}?" if close else f"There are {', '.join(possible)}"
    raise Refusal(f"There is no question {key!r}", fix)


def _value(key: str, text: str, question: Mapping[str, Any]) -> Any:
    choices = question.get("choices")
    if choices is not None:
        values = _choices(choices)
        if text not in values:
            close = get_close_matches(text, values, n=1)
            hint = f"Did you mean {close[0]}? " if close else ""
            raise Refusal(f"{key} got {text!r}", f"{hint}It takes {', '.join(values)}")
    if question.get("type") == "bool":
        answer = yaml.safe_load(text.lower()) if text.isalpha() else None
        if not isinstance(answer, bool):
            raise Refusal(f"{key} got {text!r}", "It takes yes or no")
        return answer
    return text


def _choices(choices: dict[str, Any] | list[Any]) -> list[str]:
    """Return what a question's answers are recorded as, whatever they are called."""
    return [str(value) for value in (choices.values() if isinstance(choices, dict) else choices)]
