"""The tutorial's pages are followed: each command succeeds, and its output is the one that the page shows."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from ..generator.support import commit_all, git
from ..support.deep import DEEP
from ..support.processes import free_port
from ..support.projects import ROOT, copy_working_tree
from ..support.servers import Server
from .following import Terminal, follow, path_with

pytestmark = pytest.mark.full

# A deep run also follows a page that continues with the same service.
PAGES = ("tutorial.md", "tutorial-deploy.md", *(("teams.md",) if DEEP else ()))
UV = Path(sys.executable).with_name("uv")
# The environment of this run has what `uv tool install` and `uv sync` would install.
STAND_IN = """#!/bin/sh
case "$1" in
    sync) ;;
    run) shift; case "$1" in python) shift; exec {python} "$@";; *) exec {bin}/"$@";; esac ;;
    tool) exec {uv} pip install -q --python {tool} --offline --no-deps --no-build-isolation ./groundplan ;;
esac
"""


@pytest.mark.long
def test_the_tutorial_is_followed(sqlite: Server, tmp_path: Path) -> None:
    template = copy_working_tree(tmp_path / "template")
    commit_all(template)
    home, tools = tmp_path / "home", tmp_path / "tools"
    home.mkdir()
    tools.mkdir()
    (home / ".gitconfig").write_text("[user]\nname = Ada\nemail = ada@example.org\n")
    tool = tools / "groundplan-env"
    subprocess.run((UV, "venv", "-q", "--python", sys.executable, tool), check=True)
    [packages] = tool.glob("lib/*/site-packages")
    packages.joinpath("libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    stand_in = tools / "uv"
    python = Path(sys.executable)
    stand_in.write_text(STAND_IN.format(python=python, bin=python.parent, uv=UV, tool=tool))
    stand_in.chmod(0o755)
    (tools / "groundplan").symlink_to(tool / "bin" / "groundplan")
    env = {"HOME": str(home), "PATH": path_with(tools), "LC_ALL": "C.UTF-8", "COLUMNS": "120"}

    page = "\n".join((ROOT / "docs" / name).read_text() for name in PAGES)
    page = page.replace("git clone GROUNDPLAN", f"git clone {template}")
    page = page.replace("make -C groundplan tags", "git -C groundplan tag v0.3.0")
    terminal = Terminal(tmp_path, env, free_port())
    try:
        follow(page, terminal)
        assert "Update from Groundplan" in git(tmp_path / "shop", "log", "--format=%s")
    finally:
        terminal.close()
        if terminal.log.exists():
            print(terminal.log.read_text())  # pytest shows it if the test fails
