"""Follows a tutorial: runs its commands in one shell, writes its files, and compares the outputs.

A block of `sh` is run, and the block of `text` after it must match the output, where `…` is anything. A
block whose last command is `manage.py runserver` runs in a second terminal until the next such block. A
block of `python` whose first line is a path is a file, or with ", at the end" or ", below the first line"
is added to it.
"""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from ..support import processes

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (\S+\.py)(, at the end|, below the first line)?\n(.*)", re.DOTALL)
END = "--- end of block ---"
BOOTING = 60.0  # seconds


class Block(NamedTuple):
    """A block of code: its language and its text."""

    language: str
    text: str


def blocks(page: str) -> list[Block]:
    return [Block(*found) for found in BLOCK.findall(page)]


class Terminal:
    """A shell that keeps its folder and variables from block to block, and a second one for servers.

    Args:
        folder: where the first command runs.
        env: the environment.
        port: takes the place of 8000.
    """

    def __init__(self, folder: Path, env: Mapping[str, str], port: int) -> None:
        self.port = port
        self.env = dict(env)
        self.log = folder / "server.log"
        self._server: subprocess.Popen[str] | None = None
        self._shell = subprocess.Popen(
            ("bash", "--noprofile", "--norc"),
            cwd=folder,
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, text: str) -> str:
        """Run commands; return their output.

        Raises:
            AssertionError: a command failed.
        """
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        text = text.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")
        # `set -e` without leaving the shell: the first failing command ends the block.
        self._shell.stdin.write(f"status=0\ntrap 'status=$?' ERR\n{text}\n")
        self._shell.stdin.write(f"trap - ERR\necho; echo '{END}' $status\n")
        self._shell.stdin.flush()
        output = ""
        for line in self._shell.stdout:
            if line.startswith(END):
                assert line == f"{END} 0\n", f"{text}\nended with {line}:\n{output}"
                return output.removesuffix("\n")
            output += line
        raise AssertionError(f"the shell ended in:\n{text}\n{output}")

    def serve(self, text: str) -> None:
        """Run a block in the second terminal, until its server is ready."""
        self.stop()
        *before, command = text.replace("runserver", f"runserver --port {self.port}").splitlines()
        script = "\n".join([*before, f"exec {command}"])
        with self.log.open("w") as output:
            self._server = processes.spawn(
                ["bash", "-c", script], cwd=Path(self.run("pwd").strip()), log=output, env=self.env
            )

        ready = ("curl", "-sf", f"http://127.0.0.1:{self.port}/health/live")
        up = processes.wait_until(
            lambda: subprocess.run(ready, capture_output=True, check=False).returncode == 0,
            self._server,
            seconds=BOOTING,
        )
        assert up, f"the server did not start:\n{self.log.read_text()}"

    def write(self, text: str) -> None:
        """Write the file of a block."""
        found = FILE.match(text)
        assert found is not None, text
        file = Path(self.run("pwd").strip()) / found[1]
        match found[2]:
            case ", at the end":
                file.write_text(f"{file.read_text()}\n\n{found[3]}")
            case ", below the first line":
                first, _, rest = file.read_text().partition("\n")
                file.write_text(f"{first}\n{found[3]}{rest}")
            case _:
                file.write_text(found[3])

    def stop(self) -> None:
        """Stop the server of the second terminal."""
        if self._server is not None:
            processes.stop(self._server)
            self._server = None

    def close(self) -> None:
        self.stop()
        self._shell.kill()
        self._shell.communicate()


def follow(page: str, terminal: Terminal) -> None:
    """Do what a page says.

    Raises:
        AssertionError: a command failed, or its output is not that of the page.
    """
    output = ""
    for language, text in blocks(page):
        if language == "sh" and "manage.py runserver" in text.splitlines()[-1]:
            terminal.serve(text)
        elif language == "sh":
            output = terminal.run(text)
        elif language == "python":
            terminal.write(text)
        elif language == "text":
            assert matches(output, text), f"the page shows\n{text}\nbut the output is\n{output}"


def matches(output: str, shown: str) -> bool:
    """Whether an output is the shown one, in which `…` is any text, and alone on a line any lines."""
    parts = re.split(r"(?m)^…\n|\n…\Z|…", shown.strip("\n"))
    pattern = ".*".join(re.escape(part) for part in parts)
    return re.fullmatch(pattern, output.strip("\n"), re.DOTALL) is not None


def path_with(folder: Path) -> str:
    """A PATH that begins with a folder."""
    return f"{folder}{os.pathsep}{os.environ['PATH']}"
