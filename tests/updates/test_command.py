"""Successful runs of `groundplan update`: its output and its effects."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from groundplan.cli import run

from . import services
from .history import NEWEST, commit, git
from .services import copy, files, is_users
from .tomorrow import TAG, tomorrow

pytestmark = pytest.mark.full


def test_check_exits_with_2_if_a_newer_version_exists(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = services.service("v0.1.0", tmp_path / "service")
    folder.joinpath("uncommitted").touch()
    assert run(["update", "--check", "--json", str(folder)]) == 2
    said = json.loads(capsys.readouterr().out)
    assert said == {"current": "v0.1.0", "newest": NEWEST, "news": True}


def test_check_exits_with_0_if_the_service_is_current(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = services.service(NEWEST, tmp_path / "service")
    assert run(["update", "--check", str(folder)]) == 0
    assert "up to date" in capsys.readouterr().out
    assert run(["update", str(folder)]) == 0
    assert not git(folder, "status", "--porcelain")


def test_a_dry_run_shows_what_an_update_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = services.service("v0.1.0", tmp_path / "service")
    before = files(folder)
    words = ["update", str(folder), "--template", str(tomorrow()), "--json"]
    assert run([*words, "--dry-run"]) == 0
    planned = json.loads(capsys.readouterr().out)
    assert files(folder) == before
    assert not git(folder, "status", "--porcelain")
    assert run(words) == 0
    done = json.loads(capsys.readouterr().out)
    assert {**done, "dry_run": True} == planned
    shown = {change["path"]: change["action"] for change in done["changes"]}
    letters = {"A": "create", "D": "remove", "M": "update"}
    status = git(folder, "status", "--porcelain", "--no-renames").splitlines()
    assert shown == {line[3:]: letters[line[0]] for line in status}


def test_an_unedited_service_equals_the_result_of_plain_copier(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = services.service("v0.1.0", tmp_path / "ours")
    plain = services.service("v0.1.0", tmp_path / "plain")
    assert run(["update", str(ours)]) == 0
    capsys.readouterr()
    services.update(plain, NEWEST, quiet=False)
    assert files(ours) == files(plain)
    told = capsys.readouterr().err
    assert '"Upgrading" in the CHANGELOG.md of Groundplan\nlists manual steps.' in told


def test_a_service_may_be_a_folder_of_a_larger_repository(tmp_path: Path) -> None:
    folder = copy("v0.1.0", tmp_path / "all" / "services" / "one")
    tmp_path.joinpath("all/other.txt").write_text("other\n")
    git(tmp_path / "all", "init", "--quiet")
    with folder.joinpath("my_service/core/db/pagination.py").open("a") as file:
        file.write("\n# mine\n")
    commit(tmp_path / "all")
    before = files(tmp_path / "all")
    words = ["update", str(folder / "my_service"), "--template", str(tomorrow())]
    assert run(words) == 0
    assert folder.joinpath("my_service/core/db/pages.py").read_text().endswith("\n# mine\n")
    assert not folder.joinpath("my_service/core/db/pagination.py").exists()
    plain = services.service("v0.1.0", tmp_path / "plain")
    services.update(plain, TAG, template=tomorrow())
    assert differing(files(plain), files(folder)) == {"my_service/core/db/pages.py"}
    assert tmp_path.joinpath("all/other.txt").read_text() == "other\n"
    git(tmp_path / "all", "reset", "--quiet", "--hard")
    assert files(tmp_path / "all") == before


def test_git_hooks_and_settings_do_not_affect_an_update(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = services.service("v0.1.0", tmp_path / "service")
    hook = folder / ".git/hooks/post-index-change"
    hook.write_text("#!/bin/sh\ntouch hooked\n")
    hook.chmod(0o755)
    git(folder, "config", "core.autocrlf", "input")
    git(folder, "config", "commit.gpgSign", "true")
    git(folder, "config", "merge.renames", "false")
    newer = tomorrow()
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    assert run(["update", str(folder), "--template", str(newer)]) == 0
    assert not folder.joinpath("hooked").exists()


def test_verify_reports_which_checks_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = services.service("v0.1.0", tmp_path / "service")
    python = folder / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "ran $@"\ncase "$*" in *mypy*) exit 1;; esac\n')
    python.chmod(0o755)
    assert run(["update", str(folder), "--verify"]) == 1
    told = capsys.readouterr()
    assert "passed    manage.py test" in told.out
    assert "failed    mypy" in told.out
    assert "ran -m mypy" in told.err
    git(folder, "reset", "--quiet", "--hard")
    shutil.rmtree(folder / ".venv")
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    assert run(["update", str(folder), "--verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verified"] is True


def test_verify_installs_new_dependencies_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without that, every check fails after an update that adds a dependency."""
    folder = services.service("v0.1.0", tmp_path / "service")
    folder.joinpath("uv.lock").write_text("old\n")
    commit(folder)
    script(folder / ".venv/bin/python", "grep -q new uv.lock")
    script(tmp_path / "bin/uv", '[ "$*" = "sync --inexact --quiet" ] && echo new > uv.lock')
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    assert run(["update", str(folder), "--verify"]) == 0
    said = capsys.readouterr().out
    assert "  passed    uv sync --inexact --quiet\n  passed    manage.py check\n" in said


def script(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


def test_notes_list_the_manual_steps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = services.service("v0.1.0", tmp_path / "service")
    newer = tmp_path / "newer"
    subprocess.run(("git", "clone", "--quiet", str(tomorrow()), str(newer)), check=True)
    changes = newer / "CHANGELOG.md"
    head, mark, tail = changes.read_text().partition("\n## [")
    section = "\n## [9999.2] - 2031-01-01\n\n### Upgrading\n\n- Feed the cat.\n"
    changes.write_text(f"{head}{section}{mark}{tail}")
    commit(newer)
    git(newer, "tag", "v9999.2")
    assert run(["update", str(folder), "--template", str(newer), "--dry-run"]) == 0
    assert "9999.2:\n\n- Feed the cat.\n" in capsys.readouterr().out


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> set[str]:
    return {
        path
        for path in one.keys() | other.keys()
        if one.get(path) != other.get(path) and not is_users(path)
    }


def test_a_file_that_became_a_link_keeps_both_versions(
    first: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "my_service/core/web/health.py"
    file = first / name
    shared = first / "shared/health.py"
    shared.parent.mkdir()
    file.rename(shared)
    file.symlink_to("../../../shared/health.py")
    commit(first)
    assert run(["update", str(first), "--template", str(tomorrow())]) == 1
    told = capsys.readouterr()
    assert f"  conflict  {name}\n" in told.out
    assert "~" not in told.out
    assert f"{name} is a link in this service, and a file in the template." in told.err
    assert "<<<<<<<" not in told.err
    steps = "review the update with `git diff --cached`, bring the service up to date, and commit:"
    assert f"\nThen {steps}\n\n    uv sync\n" in told.err
    assert told.err.endswith("\nTo undo the update instead: `git reset --hard`.\n")
    assert file.is_symlink()
    git(first, "checkout", "--quiet", "--theirs", name)
    assert not file.is_symlink()
    assert 'by: str = "core"' in file.read_text()
    git(first, "reset", "--quiet", "--hard")
    assert file.is_symlink()
