"""The variants of a template: the valid combinations of answers, and the rules behind invalid ones."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

import yaml
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from .questions import Questions

# At least one invalid answer for each rule about texts.
PROBES = ("", "two\nlines", "No Words!", "class", "email", "click", "fastapi", "tests")


@dataclass(frozen=True)
class Refused:
    """An answer that a rule refuses, and the rule's message."""

    question: str
    answer: str
    rule: str


@dataclass(frozen=True)
class Variants:
    """What a template offers.

    Attributes:
        offered: the questions with choices, and their choices.
        combinations: every valid combination of choices.
        refused: for each rule, an answer that it refuses.
    """

    offered: Mapping[str, list[Any]]
    combinations: list[dict[str, Any]]
    refused: list[Refused]

    def as_dict(self) -> dict[str, Any]:
        """Return a value for JSON."""
        return asdict(self)


def variants(questions: Questions) -> Variants:
    """Return a template's variants, by its own rules.

    Args:
        questions: the result of `questions.read`.
    """
    offered = {key: _choices(asked) for key, asked in questions.items() if _choices(asked)}
    every = [dict(zip(offered, values, strict=True)) for values in product(*offered.values())]
    rules = _Rules(questions)
    combinations: list[dict[str, Any]] = []
    refused: dict[tuple[str, str], Refused] = {}
    for answers in every:
        sentences = {key: rules.refusal(key, answers[key], answers) for key in answers}
        if not any(sentences.values()):
            combinations.append(answers)
        for key, sentence in sentences.items():
            if sentence:
                refused[key, sentence] = Refused(key, _word(answers[key]), sentence)
    for question in questions:
        for probe in PROBES:
            sentence = rules.refusal(question, probe)
            if sentence:
                rule = sentence.replace(repr(probe), "…").replace(probe or "\0", "…")
                refused.setdefault((question, rule), Refused(question, probe, sentence))
    for key, values in offered.items():
        rule = f"want one of {', '.join(map(_word, values))}"
        refused[key, rule] = Refused(key, "other", f"got 'other', {rule}")
    return Variants(offered, combinations, list(refused.values()))


def _choices(asked: Mapping[str, Any]) -> list[Any]:
    if asked.get("when") is False:  # a derived fact
        return []
    if asked.get("type") == "bool":
        return [True, False]
    choices: dict[str, Any] | list[Any] = asked.get("choices", [])
    return list(choices.values() if isinstance(choices, dict) else choices)


def _word(value: object) -> str:
    return str(value) if not isinstance(value, bool) else "yes" if value else "no"


class _Rules:
    """The validators of a template, rendered as Copier renders them."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        self._environment = SandboxedEnvironment(
            undefined=StrictUndefined,
            extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
        )
        self._known = dict(self._defaults())

    def refusal(self, question: str, answer: Any, beside: Mapping[str, Any] | None = None) -> str:
        """Return the message of the rule that refuses an answer, or an empty text."""
        validator = self._questions[question].get("validator", "")
        known = {**self._known, **(beside or {}), question: answer}
        return self._render(validator, known) if validator else ""

    def _defaults(self) -> Iterator[tuple[str, Any]]:
        known: dict[str, Any] = {}
        for key, asked in self._questions.items():
            value: Any = asked.get("default")
            if isinstance(value, str):
                text = self._render(value, known)
                value = yaml.safe_load(text) if asked.get("type") in ("yaml", "bool") else text
            known[key] = value
            yield key, value

    def _render(self, text: str, known: Mapping[str, Any]) -> str:
        return self._environment.from_string(text).render(known).strip()
