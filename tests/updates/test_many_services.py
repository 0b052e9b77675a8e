"""The documented shell loops over many services."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from groundplan.updates.verifying import CHECKS

from ..support.projects import ROOT, Project
from . import services
from .history import NEWEST, commit, git
from .tomorrow import tomorrow

pytestmark = pytest.mark.full

SIDES = ("AUTHOR", "COMMITTER")
WHO = {f"GIT_{side}_{what}": "a@example.org" for side in SIDES for what in ("NAME", "EMAIL")}


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """Four folders: an outdated service, a current one, an outdated one with a conflict, and no service."""
    folder = tmp_path / "services"
    behind = services.service("v0.1.0", folder / "behind")
    Project(behind).manage("migrate")
    services.service(NEWEST, folder / "current")
    edited = services.service("v0.1.0", folder / "edited")
    services.move(edited, tomorrow())
    toml = edited / "pyproject.toml"
    toml.write_text(toml.read_text().replace("fastapi>=0.165", "fastapi>=0.165,<0.200"))
    commit(edited)
    other = folder / "other"
    other.mkdir()
    git(other, "init", "--quiet", "--initial-branch", "main")
    commit(other)
    return folder


@pytest.mark.long
def test_the_documented_loops_work(team: Path) -> None:
    look, update = loops()
    looked = ran(look, team)
    news = {
        name: json.loads((team / name / ".git/news.json").read_text())
        for name in ("behind", "current", "edited")
    }
    assert news["behind"] == {"current": "v0.1.0", "newest": NEWEST, "news": True}
    assert news["current"]["news"] is False
    assert [line.split(":")[0].rstrip("/") for line in looked.stdout.splitlines()] == [
        str(team / "behind"),
        str(team / "edited"),
    ]
    assert f"{team}/other/: check failed" in looked.stderr
    assert "current" not in looked.stdout.replace('"current"', "") + looked.stderr

    updated = ran(update, team, code=1)
    assert updated.stderr.count("  passed    ") == len(CHECKS)
    needy = re.findall(r"(?m)^(.*) needs a person$", updated.stderr)
    assert needy == [f"{team}/edited/"]
    assert "is not in a Groundplan project" in updated.stderr  # the other one
    assert updated.stdout == f"{team}/behind/: read the notes in {team}/behind//.git/update.json\n"
    report = json.loads((team / "behind/.git/update.json").read_text())
    assert report["verified"] is True
    conflicts = json.loads((team / "edited/.git/update.json").read_text())["conflicts"]
    assert conflicts == ["pyproject.toml"]
    for name, commits in {"behind": 2, "current": 1, "edited": 3, "other": 1}.items():
        folder = team / name
        branch = "groundplan-update" if name == "behind" else "main"
        assert git(folder, "branch", "--show-current") == f"{branch}\n"
        assert git(folder, "rev-list", "--count", "HEAD") == f"{commits}\n"
        assert not git(folder, "status", "--porcelain")
    answers = (team / "behind/.copier-answers.yml").read_text()
    assert f"_commit: {NEWEST}\n" in answers

    shutil.rmtree(team / "other")
    shutil.rmtree(team / "edited")
    again = ran(update, team)
    assert again.stdout + again.stderr == ""


def loops() -> list[str]:
    page = (ROOT / "docs/updates.md").read_text()
    return [block for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) if "for " in block]


def ran(loop: str, team: Path, *, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a loop as its reader would, with the services in the home directory."""
    program = Path(sys.executable).parent
    environment = {
        **os.environ,
        **WHO,
        "HOME": str(team.parent),
        "PATH": f"{program}:{os.environ['PATH']}",
        "VIRTUAL_ENV": sys.prefix,
    }
    done = subprocess.run(
        ("bash", "-u", "-c", loop), env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    return done
