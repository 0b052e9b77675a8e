"""How the grammar says no: a rule has a name that stays, and an error the value, the rule and the fix."""

from collections.abc import Iterable
from difflib import get_close_matches

from ..errors import Refusal

EXAMPLE = (
    "groundplan startapp shop Product title:str=200:unique price:decimal=10,2:ge=0 "
    "status:enum=draft,live:default=draft author:ref=blog.User:on_delete=cascade"
)


class Broken(Refusal):
    """A value breaks a rule.

    Args:
        rule: the rule's name, for scripts and for searching.
        value: what was given, as it was written.
        problem: what the rule says, as a sentence without its full stop.
        fix: a sentence on what to write instead.
    """

    def __init__(self, rule: str, value: str, problem: str, fix: str) -> None:
        super().__init__(f"{value!r}: {problem} ({rule})", fix)
        self.rule = rule
        self.value = value


class Misspelt(Broken):
    """A value is not of the grammar: wrong usage, exit code 2."""

    exit_code = 2


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str) -> str:
    """Return a sentence with the nearest known word, or another sentence where none is near."""
    near = get_close_matches(word.lower(), sorted(known), n=1, cutoff=0.6)
    return f"Did you mean {near[0]!r}?" if near else otherwise
