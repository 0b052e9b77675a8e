"""Change answers after the first copy: which ones may change, and to what."""

from collections.abc import Iterable
from typing import Any

from ..errors import Refusal
from ..starting import questions
from ..starting.questions import Questions

KEPT = {  # answers that an update cannot change, and why
    "project_name": "your README and your application's title use it",
    "project_slug": "your image, your lock file and your deployments use it",
    "package_name": "all of your imports use it",
    "primary_key": "existing rows and the references to them use it",
    "example": "the example apps became yours when the service was started",
}
INSTEAD = {
    "example": "Delete the apps and their names in INSTALLED_APPS, or copy them from a new service",
    "primary_key": "To give a model another key, change its mixin and write a migration",
}
RENAME = "Rename by hand, or start a service under the new name and move your apps into it"


def changes(given: Iterable[str], asked: Questions) -> dict[str, Any]:
    """Read the values of `--set`.

    Args:
        given: the values, as `key=value`.
        asked: the template's questions.

    Returns:
        The new answers.

    Raises:
        Refusal: an unknown question, one that cannot change later, or an invalid answer.
    """
    pairs = questions.pairs(given)
    for key in pairs:
        if key in KEPT and key in asked:
            raise Refusal(f"{key} cannot change later: {KEPT[key]}", INSTEAD.get(key, RENAME))
    return questions.answers(pairs, asked)
