"""Run git: without hooks, without the caller's GIT_ variables, with paths unquoted."""

import os
import re
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from .errors import Refusal

OLDEST = "2.38"  # the first with `git merge-tree --write-tree`
SETTINGS = {
    "core.hooksPath": os.devnull,
    "core.quotePath": "false",
    "commit.gpgSign": "false",
    "gc.auto": "0",
}
UNCONVERTED = {"core.autocrlf": "false", "core.attributesFile": os.devnull}  # files as they are
OPTIONS = tuple(chain.from_iterable(("-c", f"{key}={value}") for key, value in SETTINGS.items()))


class GitError(Exception):
    """A git command failed.

    Attributes:
        reason: git's error messages in one line, up to the fatal one.
    """

    def __init__(self, words: Sequence[str], stderr: str) -> None:
        until = re.match(r"(?ms).*?^fatal: [^\n]*", stderr)
        told = (until[0] if until else stderr).splitlines()
        lines = [line for line in told if not line.startswith(("Cloning into ", "warning: "))]
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
    kept = {name: text for name, text in environment.items() if not _is_of_a_repository(name)}
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
    """Run Copier's git without hooks, a caller's repository, and conversions of line endings.

    With `core.autocrlf=true`, the default of Git for Windows, Copier would render other bytes than
    the service's repository has. It runs git by plumbum, which copied the environment at import.

    Raises:
        GitError: a command failed.
    """
    from plumbum import ProcessExecutionError, local

    with local.env():
        for name in [name for name, _ in local.env if _is_of_a_repository(name)]:
            del local.env[name]
        settings = SETTINGS | UNCONVERTED
        first = int(local.env.get("GIT_CONFIG_COUNT") or 0)
        for number, (key, value) in enumerate(settings.items(), first):
            local.env[f"GIT_CONFIG_KEY_{number}"] = key
            local.env[f"GIT_CONFIG_VALUE_{number}"] = value
        local.env["GIT_CONFIG_COUNT"] = str(first + len(settings))
        hidden = {name: os.environ[name] for name in os.environ if _is_of_a_repository(name)}
        for name in hidden:  # Copier's library for versions reads them here
            del os.environ[name]
        try:
            yield
        except ProcessExecutionError as error:
            raise GitError(error.argv[1:], os.fsdecode(error.stderr)) from error
        finally:
            os.environ.update(hidden)


def _is_of_a_repository(name: str) -> bool:
    """Return whether git reads an environment variable as one of the caller's repository."""
    return name.startswith("GIT_") and name not in _HARMLESS


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
