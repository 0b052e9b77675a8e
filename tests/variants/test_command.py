"""`groundplan variants` lists the combinations of the oracle."""

import json
import subprocess
import sys
from functools import cache

import pytest

from ..support.projects import ROOT
from .oracle import OFFERED, combinations
from .table import table


@cache
def groundplan(*arguments: str) -> str:
    command = (sys.executable, "-W", "error", "-m", "groundplan", "variants", *arguments)
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.full
def test_variants_lists_every_combination_of_the_oracle() -> None:
    found = json.loads(groundplan("--json"))
    listed = {frozenset(answers.items()) for answers in found["combinations"]}
    assert listed == {frozenset(answers.items()) for answers in combinations()}


@pytest.mark.full
def test_variants_names_the_rule_behind_each_refusal() -> None:
    refused = json.loads(groundplan("--json"))["refused"]
    by_question = {name: [r["rule"] for r in refused if r["question"] == name] for name in OFFERED}
    for name, values in OFFERED.items():
        wanted = ["yes", "no"] if set(values) == {True, False} else map(str, values)
        [choices] = [rule for rule in by_question[name] if "want one of " in rule]
        assert set(choices.partition("want one of ")[2].split(", ")) == set(wanted)
    for name, answer in (("jobs", "auth=yes"), ("example", "auth=no")):
        assert any(answer in rule for rule in by_question[name]), name
    package = [r["rule"] for r in refused if r["question"] == "package_name"]
    for word in ("keyword", "standard library", "dependency", "file or folder"):
        assert any(word in rule for rule in package), word


@pytest.mark.full
def test_variants_prints_the_count() -> None:
    assert "1080 of 2880 combinations are valid" in groundplan()


def test_the_table_of_what_is_tested_is_current() -> None:
    assert table() in (ROOT / "ARCHITECTURE.md").read_text()
