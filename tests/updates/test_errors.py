"""Errors of an update that come from git, the template or the options: each whole message."""

import os
import shutil
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from groundplan.cli import run

from . import spoiling as spoil
from . import templates
from .history import commit, git
from .services import files

pytestmark = pytest.mark.full

ROUTES = "my_service/core/management/commands/routes.py"  # its path in the first release
TEMPLATES: dict[str, tuple[Callable[[], Path], str]] = {
    "another template": (
        templates.another,
        "{template} at v0.1.0 is not a Groundplan template: it has no copier.yml that asks "
        "driver, primary_key, project_slug. Name Groundplan's repository with --template.",
    ),
    "no template": (
        templates.none,
        "{template} at v0.1.0 is not a Groundplan template: it has no copier.yml that asks "
        "driver, package_name, primary_key, project_slug. "
        "Name Groundplan's repository with --template.",
    ),
    "a template of a later Copier": (
        templates.of_a_later_copier,
        "Copier refuses Groundplan v9999.1: This template requires Copier version >= 99, while your "
        "version of Copier is {copier}. "
        "Install the newest Groundplan, or name another version with --to.",
    ),
}
USAGE = {
    (
        "--check",
        "--dry-run",
    ): "--check cannot be combined with --dry-run, only with --to, --template and --json.",
    ("--check", "--set", "ci=none", "--verify"): (
        "--check cannot be combined with --set and --verify, only with --to, --template and --json."
    ),
    (
        "--dry-run",
        "--verify",
    ): "--dry-run changes nothing that --verify could check. Leave out one of them.",
    ("--nope",): "No such option '--nope'. Did you mean '--to'?",
}


@pytest.mark.parametrize(("make", "told"), TEMPLATES.values(), ids=TEMPLATES)
def test_an_unsuitable_template_is_refused(
    first: Path, capsys: pytest.CaptureFixture[str], make: Callable[[], Path], told: str
) -> None:
    template, before = make(), files(first)
    assert run(["update", str(first), "--template", str(template)]) == 1
    assert (
        capsys.readouterr().err
        == f"Error: {told.format(template=template, copier=version('copier'))}\n"
    )
    assert files(first) == before


@pytest.mark.parametrize(("words", "told"), USAGE.items(), ids=map(" ".join, USAGE))
def test_wrong_usage_exits_with_2(
    first: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    assert run(["update", str(first), *words]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"Error: {told}"


def test_missing_and_old_git_are_refused(
    first: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, here = shutil.which("git"), tmp_path / "bin"
    here.mkdir()
    monkeypatch.setenv("PATH", str(here))
    assert run(["update", str(first)]) == 1
    told = "git is not installed. Install git 2.38 or newer."
    assert capsys.readouterr().err == f"Error: {told}\n"
    older = here / "git"  # git itself, except for its version
    older.write_text(
        "#!/bin/sh\n"
        'case "$*" in *" version") echo git version 2.37.9;; '
        f'*) PATH={os.defpath} exec {real} "$@";; esac\n'
    )
    older.chmod(0o755)
    assert run(["update", str(first)]) == 1
    told = "git version 2.37.9 is too old to merge an update. Install git 2.38 or newer."
    assert capsys.readouterr().err == f"Error: {told}\n"


def test_a_service_of_another_user_is_refused(
    first: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wary = tmp_path / "bin/git"  # git itself, but every folder seems to belong to another user
    wary.parent.mkdir()
    wary.write_text(
        f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {shutil.which("git")} "$@"\n'
    )
    wary.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wary.parent}:{os.environ['PATH']}")
    assert run(["update", str(first)]) == 1
    told = (
        f"{first} belongs to another user, so git refuses to work there. "
        f"If you trust them, run `git config --global --add safe.directory {first}`."
    )
    assert capsys.readouterr().err == f"Error: {told}\n"


def test_an_update_that_would_delete_an_edited_file_is_refused(
    first: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Plain Copier deletes the file without a warning."""
    words = ["update", str(first), "--template", str(templates.without_routes())]
    spoil.appended_to(ROUTES)(first)
    before = files(first)
    assert run(words) == 1
    told = (
        f"Groundplan v9999.1 removes {ROUTES}, which you have edited. "
        "Move your changes to your own files, delete the removed files, commit, and update again."
    )
    assert capsys.readouterr().err == f"Error: {told}\n"
    assert files(first) == before
    first.joinpath("my_service/mine.py").write_text("# mine\n")
    first.joinpath(ROUTES).unlink()
    commit(first)
    assert run(words) == 0
    assert not first.joinpath(ROUTES).exists()


def test_an_update_that_fails_halfway_can_be_undone(
    first: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(first)
    spoil.unwritable_by_git(first)
    assert run(["update", str(first)]) == 1
    told = (
        "The update failed halfway: `git checkout-index --force --ignore-skip-worktree-bits -z --stdin` "
        "failed: external filter 'false' failed 1; external filter 'false' failed; pyproject.toml: smudge "
        "filter half failed. Undo it with `git reset --hard`."
    )
    assert capsys.readouterr().err == f"Error: {told}\n"
    assert files(first) != before
    git(first, "config", "--remove-section", "filter.half")
    git(first, "reset", "--quiet", "--hard")
    assert files(first) == before
    assert not git(first, "status", "--porcelain")
