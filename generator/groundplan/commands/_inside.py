"""Runs a package of the program in the environment of a service."""

import os
import subprocess
import sys
from pathlib import Path

from ..errors import Refusal
from ..projects import Project
from ..projects.management import Unasked, python

HERE = Path(__file__).parents[1]


def run_inside(project: Project, command: str, *words: str) -> int:
    """Run `groundplan_<command>`, which is alone in the folder `<command>`.

    It replaces this process, so that signals, the terminal and the exit code are its own.
    """
    try:
        interpreter = str(python(project))
    except Unasked as error:
        raise Refusal(str(error), "Create one with `uv sync`.") from None
    line = [interpreter, "-m", f"groundplan_{command}", project.package, *words]
    paths = [str(HERE / command), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    if sys.platform != "win32":
        os.chdir(project.root)
        os.execve(interpreter, line, environment)
    return subprocess.run(line, cwd=project.root, env=environment, check=False).returncode
