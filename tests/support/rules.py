"""Evaluates the questions of copier.yml without rendering a project."""

import atexit
import json
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from copier import run_copy
from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from .projects import ROOT

Answers = dict[str, Any]


class Refused(Exception):
    """The rule of a question refused its answer."""


def answers(**given: object) -> Answers:
    """Return every answer and derived fact, as Copier computes them from the given answers.

    Raises:
        Refused: with Copier's message.
    """
    with tempfile.TemporaryDirectory() as dest:
        try:
            run_copy(str(questionnaire()), dest, data=given, defaults=True, quiet=True)
        except ValueError as error:
            raise Refused(str(error)) from error
        facts: Answers = json.loads(Path(dest, "facts.json").read_text())
        recorded = yaml.safe_load(Path(dest, ".copier-answers.yml").read_text())
        shown = {name: value for name, value in recorded.items() if not name.startswith("_")}
        assert shown == {name: facts[name] for name in shown}
        return facts


def reckon(**given: object) -> Answers:
    """Return what `answers` returns, a hundred times faster, by rendering the templates directly.

    Raises:
        Refused: with the rule's message.
    """
    known: Answers = {}
    for name, (default, validator, question) in _compiled().items():
        value = given.get(name, default)
        if isinstance(value, Template):
            value = value.render(known)
        if question.get("type") in ("yaml", "bool"):
            value = yaml.safe_load(str(value))
        known[name] = value
        if validator and (sentence := validator.render(known).strip()):
            raise Refused(f"Validation error for question '{name}': {sentence}")
    return known


@cache
def questions() -> Mapping[str, Mapping[str, Any]]:
    """Return the questions of copier.yml in order, including derived facts."""
    config = yaml.safe_load((ROOT / "copier.yml").read_text())
    return {name: value for name, value in config.items() if not name.startswith("_")}


@cache
def _compiled() -> Mapping[str, tuple[object, Template | None, Mapping[str, Any]]]:
    environment = SandboxedEnvironment(
        undefined=StrictUndefined,
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
    )

    def compiled(text: object) -> object:
        return environment.from_string(text) if isinstance(text, str) else text

    return {
        name: (
            compiled(question["default"]),
            environment.from_string(question["validator"]) if "validator" in question else None,
            question,
        )
        for name, question in questions().items()
    }


@cache
def questionnaire() -> Path:
    """Create a template of copier.yml, the answers file, and a JSON file with all answers and facts."""
    root = Path(tempfile.mkdtemp(prefix="groundplan-questions-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    folder = root / "template"
    folder.mkdir()
    shutil.copy2(ROOT / "copier.yml", root)
    shutil.copy2(ROOT / "template" / "{{_copier_conf.answers_file}}.jinja", folder)
    pairs = ", ".join(f"'{name}': {name}" for name in questions())
    folder.joinpath("facts.json.jinja").write_text(
        f"{{{{ {{{pairs}}} | to_json(ensure_ascii=false) }}}}"
    )
    return root
