"""Defects planted in a copy of the template, one at a time: the right law finds each."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import pytest

from ..support.projects import copy_working_tree
from . import judging
from .oracle import Answers
from .rendering import DEFAULTS, Tree, rendered, write

TextLaw = Callable[[Tree, Answers], Iterable[str]]
PACKAGE = "template/{{package_name}}"


class Defect(NamedTuple):
    """A change to one file of the template, and the fault that must be reported."""

    file: str
    old: str
    new: str
    answers: Answers
    law: str  # a function of `judging`
    says: str


DEFECTS = {
    "a wrong import under one answer": Defect(
        f"{PACKAGE}/core/db/driver/upsert.py.jinja",
        "",
        'from ..nowhere import missing\n\n__all__ = ["missing"]\n',
        {"driver": "asyncpg"},
        "mypy",
        "nowhere",
    ),
    "an import out of order": Defect(
        "template/manage.py.jinja",
        "import ",
        "import zlib\nimport ast\nimport ",
        {},
        "ruff",
        "I001",
    ),
    "a line that the formatter would break": Defect(
        f"{PACKAGE}/settings.py.jinja", "\n", "\nx=1\n", {}, "ruff", "settings.py"
    ),
    "a stale file of another answer": Defect(
        "copier.yml",
        "    /compose.yaml\n",
        "",
        {"container": False},
        "has_its_files",
        "compose.yaml",
    ),
    "a file that an answer leaves out by mistake": Defect(
        "copier.yml",
        "    /Dockerfile\n",
        "    /Dockerfile\n    /DATABASE.md\n",
        {"container": False},
        "has_its_files",
        "DATABASE.md: missing",
    ),
    "a wrong condition on a folder": Defect(
        "copier.yml", "ci != 'github'", "ci == 'none'", {"ci": "gitlab"}, "has_its_files", ".github"
    ),
    "a blank at the end of a line": Defect(
        "template/pyproject.toml.jinja",
        "[project]",
        "[project] ",
        {},
        "is_tidy",
        "blank at the end",
    ),
    "Jinja that is not filled in": Defect(
        f"{PACKAGE}/core/db/base.py",
        "\n",
        "\n# {{ package_name }}\n",
        {},
        "is_tidy",
        "Jinja is left",
    ),
    "TOML that cannot be read": Defect(
        "template/pyproject.toml.jinja",
        'version = "0.1.0"',
        "version = 0.1.0",
        {"driver": "aiomysql"},
        "parses",
        "pyproject.toml",
    ),
    "a text that depends on an unrelated answer": Defect(
        "template/manage.py.jinja",
        "\n",
        "\n# {{ ci }}\n",
        {"ci": "none"},
        "differs_for_a_reason",
        "manage.py",
    ),
    "a missing dependency": Defect(
        "template/pyproject.toml.jinja",
        '    "asyncpg>=0.32.0",\n',
        "",
        {"driver": "asyncpg"},
        "names_its_dependencies",
        "asyncpg",
    ),
    "a name that does not exist": Defect(
        f"{PACKAGE}/core/db/mixins.py.jinja",
        "class Timestamps",
        "class TimeStamps",
        {"primary_key": "bigint"},
        "mypy",
        "Timestamps",
    ),
}


@pytest.mark.full
@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_is_found(name: str, tmp_path: Path) -> None:
    defect = DEFECTS[name]
    source = copy_working_tree(tmp_path / "template")
    file = source / defect.file
    text = file.read_text()
    assert defect.old in text
    file.write_text(text.replace(defect.old, defect.new, 1) if defect.old else defect.new)
    answers = {**DEFAULTS, **defect.answers}
    found = rendered(source, answers)
    faults = "\n".join(_faults(defect.law, found, answers, tmp_path / "project"))
    assert defect.says in faults, f"{defect.law} says:\n{faults}"


def _faults(law: str, found: Tree, answers: Answers, folder: Path) -> Iterable[str]:
    if law == "mypy":
        return judging.mypy(write(found, folder))
    if law == "ruff":
        return judging.ruff(write(found, folder))
    text_law: TextLaw = {function.__name__: function for function in judging.TEXT_LAWS}[law]
    return text_law(found, answers)
