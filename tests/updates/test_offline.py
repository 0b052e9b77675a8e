"""Without a network: a service is started, updated, and moved to another driver."""

import subprocess
import sys
from pathlib import Path

import pytest

from . import services
from .history import NEWEST, commit, git, template
from .services import current, files, is_users

pytestmark = pytest.mark.full

FILES_ONLY = """
[protocol]
    allow = never
[protocol "file"]
    allow = always
"""
CUT_OFF = """
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        raise OSError("there is no network here")

sys.addaudithook(refuse)
from groundplan.cli import main
main()
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home directory whose git settings allow only repositories on this machine."""
    template()
    tmp_path.joinpath(".gitconfig").write_text(FILES_ONLY)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_an_update_needs_no_network(tmp_path: Path) -> None:
    folder = services.service("v0.1.0", tmp_path / "service")
    assert groundplan("update", folder, "--check").returncode == 2
    assert groundplan("update", folder).returncode == 0
    commit(folder)
    assert groundplan("update", folder, "--set=driver=asyncpg").returncode == 0
    fresh, new = files(current(tmp_path / "fresh", {"driver": "asyncpg"})), files(folder)
    assert not {path for path in fresh if fresh[path] != new.get(path) and not is_users(path)}


def test_plain_copier_needs_no_network(tmp_path: Path) -> None:
    folder = services.service("v0.1.0", tmp_path / "service")
    services.update(folder, NEWEST)
    assert f"_commit: {NEWEST}" in git(folder, "diff", "--", ".copier-answers.yml")


def test_a_template_that_is_elsewhere_is_out_of_reach(tmp_path: Path) -> None:
    """The other tests are really cut off from the network."""
    folder = services.service("v0.1.0", tmp_path / "service")
    told = groundplan("update", folder, "--template", "https://127.0.0.1:1/template.git")
    assert told.returncode == 1
    assert "https://127.0.0.1:1/template.git" in told.stderr
    assert "not allowed" in told.stderr


def groundplan(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command without network access for Python and git."""
    return subprocess.run(
        (sys.executable, "-c", CUT_OFF, *words), capture_output=True, text=True, check=False
    )
