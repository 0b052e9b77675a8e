"""Where the template is: a repository without tags, a relative path, a new address."""

import re
from itertools import count
from pathlib import Path

import pytest
import yaml
from packaging.version import InvalidVersion, Version

from groundplan.cli import run
from groundplan.git import Git
from groundplan.updates.releases import Clone

from . import services
from .history import NEWEST, commit, git, released, template
from .spoiling import answers_changed

pytestmark = pytest.mark.full

LINE = "\n# The owner's line\n"


@pytest.fixture(scope="module")
def untagged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of the template as it is published: the main branch only."""
    folder = tmp_path_factory.mktemp("untagged") / "template"
    source = str(template())
    git(template(), "clone", "--quiet", "--no-checkout", "--no-tags", source, str(folder))
    return folder


@pytest.mark.parametrize("recorded", ["v0.2.0", released()["v0.2.0"][:12]])
def test_a_template_without_tags_has_the_releases_of_its_list(
    tmp_path: Path, untagged: Path, capsys: pytest.CaptureFixture[str], recorded: str
) -> None:
    folder = services.service("v0.2.0", tmp_path / "service")
    answers_changed("_commit", recorded)(folder)
    old, new = (folder / "my_service/core/db" / name for name in ("hooks.py", "events.py"))
    old.write_text(old.read_text() + LINE)
    commit(folder)
    run(["update", str(folder), "--template", str(untagged)])
    said = capsys.readouterr().out
    assert re.findall(r"Manual steps for (\S+):", said)[:2] == ["0.3.0", "0.4.0"]
    assert LINE in new.read_text()
    newest = git(untagged, "describe", "--always").strip()
    answers = yaml.safe_load(folder.joinpath(".copier-answers.yml").read_text())
    assert answers["_commit"] == newest  # in quotes if all its digits are decimal
    commit(folder)
    assert run(["update", "--check", str(folder)]) == 0


def test_a_hash_is_not_taken_for_a_version(tmp_path: Path) -> None:
    """One hash in twenty looks like a version: 4312906, or 21a5634."""
    repository = Git(tmp_path, {"GIT_AUTHOR_DATE": "@0 +0000", "GIT_COMMITTER_DATE": "@0 +0000"})
    repository("init", "--quiet")
    repository("config", "user.name", "A")
    repository("config", "user.email", "a@example.org")
    tree = repository("write-tree")
    hashes = (repository("commit-tree", tree, "-m", str(number)) for number in count())
    one = next(made for made in hashes if is_version(made[:7]))
    clone = Clone(repository, "")
    later = repository("commit-tree", tree, "-p", one, "-m", "later")
    assert clone.release(one).version == Version("0.0.0.post1.dev0")
    assert clone.release(one).version < clone.release(later).version


def is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def test_a_relative_path_leads_to_the_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = services.service("v0.1.0", tmp_path / "service")
    monkeypatch.chdir(template().parent)
    assert run(["update", str(folder), "--template", template().name]) == 0
    answers = folder.joinpath(".copier-answers.yml").read_text()
    assert f"_src_path: {template()}\n" in answers
    git(folder, "reset", "--quiet", "--hard")
    answers_changed("_src_path", f"./{template().name}")(folder)  # as Copier records it
    assert run(["update", str(folder), "--check"]) == 2


def test_a_new_address_is_recorded_in_a_service_that_is_up_to_date(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = services.service(NEWEST, tmp_path / "service")
    moved = tmp_path / "moved"
    git(tmp_path, "clone", "--quiet", "--no-checkout", str(template()), str(moved))
    assert run(["update", str(folder), "--template", str(moved)]) == 0
    assert git(folder, "status", "--porcelain") == "M  .copier-answers.yml\n"
    assert f"_src_path: {moved}\n" in folder.joinpath(".copier-answers.yml").read_text()
    commit(folder)
    capsys.readouterr()
    assert run(["update", str(folder), "--template", str(moved)]) == 0
    assert "up to date" in capsys.readouterr().out
