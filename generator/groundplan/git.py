"""Run git: without hooks, without the caller's GIT_ variables, with paths unquoted."""

import os
import re
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from .errors import Refusal

OLDEST = "2.38"  # the first with `git merge-tree --write-tree`
OPTIONS = (
    "-c",
    f"core.hooksPath={os.devnull}",
    "-c",
    "core.quotePath=false",
    "-c",
    "commit.gpgSign=false",
    "-c",
    "gc.auto=0",
)


class GitError(Exception):
    """A git command failed.

    Attributes:
        reason: git's error messages in one line, up to the fatal one.
    """

    def __init__(self, words: Sequence[str], stderr: str) -> None:
        until = re.match(r"(?ms).*?^fatal: [^\n]*", stderr)
        lines = (until[0] if until else stderr).splitlines()
        reasons = (re.sub(r"^(fatal|error): ", "", line).strip(" .") for line in lines)
        self.reason = "; ".join(dict.fromkeys(filter(None, reasons)))
        super().__init__(f"`git {' '.join(words)}` failed: {self.reason}")


@dataclass(frozen=True)
class Git:
    """Git in one folder.

    Attributes:
        folder: where its commands run.
        variables: additional environment variables, such as another index.
    """

    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict[str, str])

    def __call__(self, *words: str, stdin: str = "", codes: Sequence[int] = (0,)) -> str:
        """Run a command.

        Args:
            words: the command line after `git`.
            stdin: its standard input.
            codes: the exit codes that count as success.

        Returns:
            Its standard output, without the final newline.

        Raises:
            GitError: it ended with another exit code.
        """
        done = self.run(*words, stdin=stdin)
        if done.returncode not in codes:
            raise GitError(words, os.fsdecode(done.stderr))
        return os.fsdecode(done.stdout).removesuffix("\n")

    def lines(self, *words: str, stdin: str = "", codes: Sequence[int] = (0,)) -> list[str]:
        """Run a command with `-z`, and return the fields of its output."""
        return self(*words, stdin=stdin, codes=codes).removesuffix("\0").split("\0")

    def succeeds(self, *words: str) -> bool:
        """Run a command, and return whether it ended with 0."""
        return self.run(*words).returncode == 0

    def run(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[bytes]:
        """Run a command, whatever its exit code.

        Raises:
            Refusal: git is not installed.
        """
        try:
            return subprocess.run(
                ("git", *OPTIONS, *words),
                cwd=self.folder,
                env={**without_git(os.environ), **self.variables},
                input=os.fsencode(stdin),
                capture_output=True,
                check=False,
            )
        except FileNotFoundError:
            raise Refusal("git is not installed", f"Install git {OLDEST} or newer") from None

    def with_index(self, index: Path) -> "Git":
        """Return a copy that uses another index."""
        return Git(self.folder, {**self.variables, "GIT_INDEX_FILE": str(index)})


def merged_text(base: str, ours: str, theirs: str) -> str | None:
    """Merge two versions of a text; None if they changed the same lines.

    Raises:
        Refusal: git is not installed.
    """
    with TemporaryDirectory(prefix="groundplan-") as name:
        for which, text in (("base", base), ("ours", ours), ("theirs", theirs)):
            Path(name, which).write_bytes(f"{text}\n".encode())
        done = Git(Path(name)).run("merge-file", "-p", "-q", "ours", "base", "theirs")
    return done.stdout.decode().removesuffix("\n") if done.returncode == 0 else None


def without_git(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without a hook's variables for its own repository; git speaks English."""
    kept = {k: v for k, v in environment.items() if not k.startswith("GIT_") or k in _HARMLESS}
    return {**kept, "LC_ALL": "C"}


def identity(name: str = "Groundplan", email: str = "groundplan@localhost") -> dict[str, str]:
    """Return the variables by which git commits in a name."""
    return {
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", name), ("EMAIL", email))
    }


@contextmanager
def own_repositories() -> Generator[None]:
    """Run libraries that call git, without a hook's variables for its own repository."""
    hidden = {name: os.environ[name] for name in os.environ.keys() - without_git(os.environ).keys()}
    for name in hidden:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(hidden)


_HARMLESS = {
    "GIT_ASKPASS",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_SYSTEM",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_TERMINAL_PROMPT",
} | {
    name
    for name in os.environ
    if name.startswith(("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_", "GIT_TRACE"))
}
