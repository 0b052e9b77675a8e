"""`make release` and `make tags`, in a clone of this repository."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from .support.projects import ROOT, copy_working_tree
from .updates.history import IDENTITY, commit, git, released

pytestmark = pytest.mark.full

NEXT = "99.0.0"


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of the working tree without tags, with something to release."""
    clone = tmp_path_factory.mktemp("origin") / "groundplan"
    git(ROOT, "clone", "--quiet", "--no-tags", str(ROOT), str(clone))
    for path in clone.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    copy_working_tree(clone)
    changelog = clone / "CHANGELOG.md"
    text = changelog.read_text()
    entry = "## [Unreleased]\n\n### Added\n\n- An entry of the test.\n"
    changelog.write_text(text.replace("## [Unreleased]\n", entry, 1))
    commit(clone, "The working tree")
    return clone


@pytest.fixture
def clone(origin: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "groundplan"
    git(origin, "clone", "--quiet", "--no-tags", str(origin), str(folder))
    for option in IDENTITY[1::2]:
        git(folder, "config", *option.split("=", 1))
    return folder


def make(clone: Path, *words: str, expect: int = 0) -> str:
    """Run a tool as the Makefile does; return its output."""
    done = subprocess.run(
        (sys.executable, "-m", *words), cwd=clone, capture_output=True, text=True, check=False
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


def tags(clone: Path) -> dict[str, str]:
    listed = git(clone, "for-each-ref", "--format=%(refname:short) %(objectname)", "refs/tags")
    pairs = (line.partition(" ") for line in listed.splitlines())
    return {tag: commit for tag, _, commit in pairs}


def test_make_tags_creates_the_listed_tags(clone: Path, tmp_path: Path) -> None:
    make(clone, "tools.tags")
    assert tags(clone) == released()
    assert "created" not in make(clone, "tools.tags")
    assert tags(clone) == released()
    newest = list(released())[-1]
    make(clone, "copier", "copy", "--defaults", "--quiet", str(clone), str(tmp_path / "service"))
    answers = yaml.safe_load((tmp_path / "service/.copier-answers.yml").read_text())
    assert answers["_commit"] == newest


def test_an_existing_tag_is_not_moved(clone: Path) -> None:
    git(clone, "tag", "v0.2.0", "HEAD")
    said = make(clone, "tools.tags", expect=1)
    assert "the tag v0.2.0 is at" in said
    assert "git tag --delete v0.2.0" in said
    assert tags(clone) == {"v0.2.0": git(clone, "rev-parse", "HEAD").strip()}


def test_a_release_is_tagged_listed_and_dated(clone: Path, tmp_path: Path) -> None:
    make(clone, "tools.release", NEXT)
    assert git(clone, "status", "--porcelain") == ""
    listed = tomllib.loads((clone / "releases.toml").read_text())["releases"]
    assert listed[-1] == {"version": NEXT, "commit": git(clone, "rev-parse", "HEAD~1").strip()}
    assert tags(clone) == {f"v{NEXT}": listed[-1]["commit"]}
    assert tomllib.loads((clone / "pyproject.toml").read_text())["project"]["version"] == NEXT
    changelog = (clone / "CHANGELOG.md").read_text()
    unreleased, _, rest = changelog.partition(f"## [{NEXT}] - 20")
    assert unreleased.endswith("## [Unreleased]\n\n")
    assert "- An entry of the test." in rest
    make(clone, "tools.tags")
    assert tags(clone) == {**released(), f"v{NEXT}": listed[-1]["commit"]}
    assert "has no entry under" in make(clone, "tools.release", "99.0.1", expect=1)


@pytest.mark.parametrize(
    ("version", "says"),
    [
        ("", "which version?"),
        ("1.0", "VERSION=1.0 is not three numbers"),
        ("0.2.0", "0.2.0 is already released"),
        ("0.1.9", "0.1.9 is lower than the newest release"),
    ],
)
def test_an_unsuitable_version_is_refused(clone: Path, version: str, says: str) -> None:
    before = git(clone, "rev-parse", "HEAD")
    assert says in make(clone, "tools.release", version, expect=1)
    assert (git(clone, "rev-parse", "HEAD"), tags(clone)) == (before, {})


def test_a_dirty_tree_is_refused(clone: Path) -> None:
    clone.joinpath("new.txt").touch()
    assert "?? new.txt" in make(clone, "tools.release", NEXT, expect=1)
    assert tags(clone) == {}


def test_a_template_that_does_not_render_is_not_released(clone: Path) -> None:
    clone.joinpath("template/README.md.jinja").write_text("{{ not_defined() }}")
    before = commit(clone, "Break the template")
    said = make(clone, "tools.release", NEXT, expect=1)
    assert f"v{NEXT} does not render with aiosqlite; nothing was released" in said
    assert (git(clone, "rev-parse", "HEAD").strip(), tags(clone)) == (before, {})
    assert git(clone, "status", "--porcelain") == ""
