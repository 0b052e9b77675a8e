"""Releases are in order and in the changelog, and leave room for lines that owners append."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from packaging.version import Version

from ..support.projects import ROOT, render
from .history import NEWEST, git, released
from .services import copy

APPENDED_TO = (".dockerignore", ".env.example", ".gitignore", "compose.yaml", "pyproject.toml")


def test_releases_follow_one_another() -> None:
    for older, newer in pairwise(released().values()):
        git(ROOT, "merge-base", "--is-ancestor", older, newer)
    for commit in released().values():
        git(ROOT, "merge-base", "--is-ancestor", commit, "HEAD")
    versions = [Version(tag) for tag in released()]
    assert versions == sorted(set(versions))


def test_the_program_is_the_last_release_or_the_next() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert Version(project["version"]) >= Version(list(released())[-1])


def test_the_changelog_describes_each_release() -> None:
    headings = re.findall(r"(?m)^## \[(\d.*?)\]", (ROOT / "CHANGELOG.md").read_text())
    assert headings == [tag.removeprefix("v") for tag in reversed(released())]


@pytest.mark.full
@pytest.mark.parametrize("name", APPENDED_TO)
def test_the_last_line_of_shared_files_never_changes(tmp_path: Path, name: str) -> None:
    """The template adds lines before it and owners after it, so both merge without a conflict."""
    first, *others = (copy(tag, tmp_path / tag) / name for tag in (*released(), NEWEST))
    others.append(copy(NEWEST, tmp_path / "jobs", {"jobs": True}) / name)
    assert {last_line(other) for other in others} == {last_line(first)}


@pytest.mark.full
def test_modules_of_core_that_older_apps_import_still_exist(tmp_path: Path) -> None:
    """Apps are the owner's: neither an update nor `startapp` changes their imports."""
    apps = ("generator", "template/{{package_name}}/apps")
    pattern = r"\.\.core(\.[a-z_]+)+"
    found = git(ROOT, "grep", "-hoE", pattern, *released().values(), "--", *apps)
    modules = {line.removeprefix("..").replace(".", "/") for line in found.splitlines()}
    assert len(modules) > 5
    package = render(tmp_path / "service") / "my_service"
    for module in modules:
        assert (package / module).is_dir() or (package / f"{module}.py").is_file(), module


def last_line(file: Path) -> str:
    return file.read_text().splitlines()[-1]
