"""The versions of the template, read from a clone of its repository."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from packaging.version import InvalidVersion, Version

from ..errors import Refusal
from ..git import Git, GitError
from .service import ASKED

CURRENT = ":current:"  # Copier's name for the version that a project is on


MOVE = re.compile(r"(?m)^\| `([^`|]+)` \| `([^`|]+)` \|$")  # a row of a table of moves


@dataclass(frozen=True)
class Release:
    """A version of the template.

    Attributes:
        commit: its commit.
        name: from `git describe`: a tag, a tag and the number of commits since, or a short commit.
        version: for the order of versions.
    """

    commit: str
    name: str
    version: Version


@dataclass(frozen=True)
class Clone:
    """A clone of the template, without a working tree."""

    git: Git
    address: str

    def newest(self) -> Release:
        """Return the highest tag that is not a pre-release, or without tags the newest commit."""
        tagged = [
            (version, tag)
            for tag in self.git("tag", "--list").splitlines()
            if (version := _version(tag)) is not None and not version.is_prerelease
        ]
        return self.release(max(tagged)[1] if tagged else "HEAD")

    def release(self, ref: str) -> Release:
        """Return the version of a tag, a branch or a commit.

        Raises:
            Refusal: it does not exist.
        """
        for name in self._names(ref):
            asked = self.git.run(
                "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
            )
            if asked.returncode == 0:
                commit = asked.stdout.decode().strip()
                described = self.git("describe", "--tags", "--always", commit)
                return Release(commit, described, self._order(described, commit))
        from difflib import get_close_matches

        tags = self.git("tag", "--list").splitlines()
        close = get_close_matches(ref, tags, n=1) or tags[-1:]
        raise Refusal(
            f"The template at {self.address} has no version {ref!r}",
            f"Name a tag, branch or commit{f', such as {close[0]}' if close else ''}",
        )

    def _names(self, ref: str) -> Iterator[str]:
        yield from (f"refs/tags/{ref}", f"refs/remotes/origin/{ref}", ref)
        if ref in self._listed:
            yield self._listed[ref]

    def text(self, release: Release, name: str) -> str | None:
        """Return a file's text in a version, or None if it does not exist there."""
        spec = f"{release.commit}:{name}"
        return (
            self.git("cat-file", "blob", spec)
            if self.git.succeeds("cat-file", "-e", spec)
            else None
        )

    def questions(self, release: Release) -> Mapping[str, Mapping[str, Any]]:
        """Return a version's questions from its copier.yml, including derived facts.

        Raises:
            Refusal: it is not a Groundplan template.
        """
        text = self.text(release, "copier.yml")
        asked: Mapping[str, Any] = yaml.safe_load(text) if text else {}
        if missing := sorted(ASKED - asked.keys()):
            raise Refusal(
                f"{self.address} at {release.name} is not a Groundplan template: "
                f"it has no copier.yml that asks {', '.join(missing)}",
                "Name Groundplan's repository with --template",
            )
        return {k: v for k, v in asked.items() if not k.startswith("_")}

    def notes(self, since: Release, until: Release) -> Iterator[tuple[str, str]]:
        """Yield the manual steps of each version, from the changelog's `Upgrading`."""
        for name, text in self._upgrading(since, until):
            if _version(name) is not None or until.version.is_postrelease:
                yield name, text

    def moves(self, since: Release, until: Release) -> Iterator[Mapping[str, str]]:
        """Yield the moves of template files, version by version, from the tables in `Upgrading`.

        A path under `core/` is relative to the project's package, any other one to its root. A
        folder's path ends with a slash.
        """
        for _, text in self._upgrading(since, until):
            yield dict(MOVE.findall(text))

    def _upgrading(self, since: Release, until: Release) -> Iterator[tuple[str, str]]:
        """Yield the changelog's `Upgrading` of each version, or of `Unreleased`, oldest first."""
        sections = re.split(r"(?m)^## \[", self.text(until, "CHANGELOG.md") or "")[1:]
        for section in reversed(sections):
            name, _, text = section.partition("]")
            version = _version(name)
            upgrading = re.search(r"(?ms)^### Upgrading\n(.*?)(?=^#|\Z)", text)
            if upgrading and (version is None or since.version < version <= until.version):
                yield name, upgrading[1].strip()

    def _order(self, described: str, commit: str) -> Version:
        """Order versions as Copier does: 1.2.0-3-gabc is 1.2.0.post3, and without releases 0.0.0.postN."""
        base, count, _ = _parts(described)
        version = None if commit.startswith(described) else _version(base)  # without a tag: a hash
        if version is not None:
            return Version(f"{version}.post{count}") if count and version.post is None else version
        for tag, released in reversed(self._listed.items()):
            if self.git.succeeds("merge-base", "--is-ancestor", released, commit):
                since = self.git("rev-list", "--count", f"{released}..{commit}")
                return Version(tag if since == "0" else f"{tag}.post{since}")
        return Version(f"0.0.0.post{self.git('rev-list', '--count', commit)}.dev0")

    @cached_property
    def _listed(self) -> dict[str, str]:
        """Return the commits of the releases by tag, oldest first, which a repository without tags lists."""
        if not self.git.succeeds("cat-file", "-e", "HEAD:releases.toml"):
            return {}
        listed = tomllib.loads(self.git("cat-file", "blob", "HEAD:releases.toml"))
        return {f"v{one['version']}": one["commit"] for one in listed["releases"]}


def clone(address: str, into: Path, *, history_only: bool = False) -> Clone:
    """Clone the template's repository.

    Args:
        address: an address, one of Copier's short forms, or a path, as in an answers file.
        into: a folder that does not exist yet.
        history_only: fetch no files if the server supports that.

    Raises:
        Refusal: it cannot be reached, or is not a repository.
    """
    filters = ("--filter=tree:0",) if history_only else ()
    source = _expanded(address)
    try:
        Git(into.parent)("clone", "--quiet", "--no-checkout", *filters, "--", source, str(into))
    except GitError as error:
        raise Refusal(
            f"The template at {address} cannot be read: {error.reason}",
            "If it has moved, name its new address with --template",
        ) from None
    return Clone(Git(into), address)


def absolute(address: str) -> str:
    """Return the absolute path of an address that is an existing path; any other address as it is."""
    path = Path(address).expanduser()
    return str(path.absolute()) if path.exists() else address


def _expanded(address: str) -> str:
    """Expand Copier's short forms of addresses."""
    for short, long in (("gh:", "https://github.com/"), ("gl:", "https://gitlab.com/")):
        if address.startswith(short):
            return long + address.removeprefix(short).lstrip("/").removesuffix(".git") + ".git"
    return absolute(address).removeprefix("git+")


def _parts(described: str) -> tuple[str, int, str]:
    match = re.fullmatch(r"(.+)-(\d+)-g([0-9a-f]+)", described)
    return (match[1], int(match[2]), match[3]) if match else (described, 0, "")


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
