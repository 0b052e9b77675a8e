"""Git, as updates use it: no hooks, none of the caller's GIT_ variables, paths as they are."""

import os
import re
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

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
IDENTITY = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "Groundplan"), ("EMAIL", "groundplan@localhost"))
}


class GitError(Exception):
    """A command of git failed.

    Attributes:
        reason: what git says of it, in one line, up to where it gives up.
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
        variables: environment variables of its own, such as another index.
    """

    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict[str, str])

    def __call__(self, *words: str, stdin: str = "", codes: Sequence[int] = (0,)) -> str:
        """Run a command.

        Args:
            words: what follows `git`.
            stdin: what it reads.
            codes: the exit codes that are no failure.

        Returns:
            What it wrote, without the last line's end.

        Raises:
            GitError: It ended with another exit code.
        """
        done = self.run(*words, stdin=stdin)
        if done.returncode not in codes:
            raise GitError(words, os.fsdecode(done.stderr))
        return os.fsdecode(done.stdout).removesuffix("\n")

    def lines(self, *words: str, stdin: str = "", codes: Sequence[int] = (0,)) -> list[str]:
        """Run a command that takes `-z`, and return the fields that it wrote."""
        return self(*words, stdin=stdin, codes=codes).removesuffix("\0").split("\0")

    def succeeds(self, *words: str) -> bool:
        """Run a command, and tell whether it ended with 0."""
        return self.run(*words).returncode == 0

    def run(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[bytes]:
        """Run a command, whatever its exit code."""
        return subprocess.run(
            ("git", *OPTIONS, *words),
            cwd=self.folder,
            env={**without_git(os.environ), **IDENTITY, **self.variables},
            input=os.fsencode(stdin),
            capture_output=True,
            check=False,
        )

    def with_index(self, index: Path) -> "Git":
        """Return this git with another index."""
        return Git(self.folder, {**self.variables, "GIT_INDEX_FILE": str(index)})


def without_git(environment: Mapping[str, str]) -> dict[str, str]:
    """Leave out what a hook's environment says of its own repository; git speaks English."""
    kept = {k: v for k, v in environment.items() if not k.startswith("GIT_") or k in _HARMLESS}
    return {**kept, "LC_ALL": "C"}


@contextmanager
def own_repositories() -> Generator[None]:
    """Run libraries that call git, without what a hook's environment says of its repository."""
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
