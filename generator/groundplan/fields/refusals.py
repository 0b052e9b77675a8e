"""Errors in specs. Each names the value, the rule that it breaks, and the fix."""

from collections.abc import Iterable
from difflib import get_close_matches

from ..errors import Refusal

EXAMPLE = (
    "groundplan startapp shop Product title:str=200:unique price:decimal=10,2:ge=0 "
    "status:enum=draft,live:default=draft author:ref=users.User:on_delete=cascade"
)


class Broken(Refusal):
    """A value breaks a rule.

    Args:
        rule: the stable name of the rule, for scripts and for searching.
        value: the value, as it was written.
        problem: what is wrong, without a full stop.
        fix: a sentence that says what to write instead.
    """

    def __init__(self, rule: str, value: str, problem: str, fix: str) -> None:
        super().__init__(f"{value!r}: {problem} ({rule})", fix)
        self.rule = rule
        self.value = value


class Misspelt(Broken):
    """A value is not valid syntax: wrong usage, exit code 2."""

    exit_code = 2


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str) -> str:
    """Suggest the nearest known word, or return another sentence if none is near."""
    near = get_close_matches(word.lower(), sorted(known), n=1, cutoff=0.65)
    return f"Did you mean {near[0]!r}?" if near else otherwise
