"""Answers that are changed later, and those that are not."""

from collections.abc import Iterable
from typing import Any

from ..errors import Refusal
from ..starting import questions
from ..starting.questions import Questions

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


def changes(given: Iterable[str], asked: Questions) -> dict[str, Any]:
    """Read `--set key=value`, as often as it was given.

    Args:
        given: the words.
        asked: what the template asks.

    Returns:
        The new answers.

    Raises:
        Refusal: No such question, one that may not change later, or an answer that it does not take.
    """
    pairs = questions.pairs(given)
    for key in pairs:
        if key in KEPT and key in asked:
            raise Refusal(f"{key} may not change later: {KEPT[key]}", INSTEAD.get(key, RENAME))
    return questions.answers(pairs, asked)
