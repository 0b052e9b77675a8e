"""The template's releases: a clone of its repository, and the versions in it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from packaging.version import InvalidVersion, Version

from ..errors import Refusal
from ..git import Git, GitError
from .service import ASKED

CURRENT = ":current:"  # Copier's name for the version that a project is on


@dataclass(frozen=True)
class Release:
    """A version of the template.

    Attributes:
        commit: its commit.
        name: as git describes it: a tag, a tag with the commits since, or a short commit.
        version: where it stands among the others. Without tags, the number of commits decides.
    """

    commit: str
    name: str
    version: Version


@dataclass(frozen=True)
class Clone:
    """A clone of the template, of which nothing is checked out."""

    git: Git
    address: str

    def newest(self) -> Release:
        """Return the highest version with a tag that is no pre-release; without any, the newest commit."""
        tagged = [
            (version, tag)
            for tag in self.git("tag", "--list").splitlines()
            if (version := _version(tag)) is not None and not version.is_prerelease
        ]
        return self.release(max(tagged)[1] if tagged else "HEAD")

    def release(self, ref: str) -> Release:
        """Return the version that a tag, a branch or a commit names.

        Raises:
            Refusal: There is none of that name.
        """
        for name in (f"refs/tags/{ref}", f"refs/remotes/origin/{ref}", ref):
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
            f"Name a tag, a branch or a commit of it{f', such as {close[0]}' if close else ''}",
        )

    def text(self, release: Release, name: str) -> str | None:
        """Return a file of a version; None where it has none of that name."""
        spec = f"{release.commit}:{name}"
        return (
            self.git("cat-file", "blob", spec)
            if self.git.succeeds("cat-file", "-e", spec)
            else None
        )

    def questions(self, release: Release) -> Mapping[str, Mapping[str, Any]]:
        """Return what a version asks, derived facts included, by its copier.yml.

        Raises:
            Refusal: It is no template of Groundplan's.
        """
        text = self.text(release, "copier.yml")
        asked: Mapping[str, Any] = yaml.safe_load(text) if text else {}
        if missing := sorted(ASKED - asked.keys()):
            raise Refusal(
                f"{self.address} at {release.name} is no template of Groundplan's: "
                f"it has no copier.yml that asks {', '.join(missing)}",
                "Name Groundplan's repository by `--template`",
            )
        return {k: v for k, v in asked.items() if not k.startswith("_")}

    def notes(self, since: Release, until: Release) -> Iterator[tuple[str, str]]:
        """Yield what a person has to do, version by version, by the changelog's `Upgrading`."""
        sections = re.split(r"(?m)^## \[", self.text(until, "CHANGELOG.md") or "")[1:]
        for section in reversed(sections):
            name, _, text = section.partition("]")
            version = _version(name)
            todo = re.search(r"(?ms)^### Upgrading\n(.*?)(?=^#|\Z)", text)
            newer = version is None or since.version < version <= until.version
            if todo and newer and (version is not None or "-" in until.name):
                yield name, todo[1].strip()

    def _order(self, described: str, commit: str) -> Version:
        """Copier's order: 1.2.0-3-gabc is 1.2.0.post3; without any tag, 0.0.0.postN."""
        base, count, _ = _parts(described)
        version = _version(base)
        if version is None:
            count, version = int(self.git("rev-list", "--count", commit)), Version("0.0.0")
            return Version(f"{version}.post{count}.dev0")
        return Version(f"{version}.post{count}") if count and version.post is None else version


def clone(address: str, into: Path, *, history_only: bool = False) -> Clone:
    """Clone the template's repository.

    Args:
        address: as an answers file has it: an address, one of Copier's short forms, or a path.
        into: a folder that does not exist yet.
        history_only: leave the files out where the other side can, since only versions are asked.

    Raises:
        Refusal: It cannot be reached, or is no repository.
    """
    filters = ("--filter=tree:0",) if history_only else ()
    source = _expanded(address)
    try:
        Git(into.parent)("clone", "--quiet", "--no-checkout", *filters, "--", source, str(into))
    except GitError as error:
        raise Refusal(
            f"The template at {address} cannot be read: {error.reason}",
            "Where it has moved, name its new address by `--template`",
        ) from None
    return Clone(Git(into), address)


def _expanded(address: str) -> str:
    """Spell out Copier's short forms of addresses."""
    for short, long in (("gh:", "https://github.com/"), ("gl:", "https://gitlab.com/")):
        if address.startswith(short):
            return long + address.removeprefix(short).lstrip("/").removesuffix(".git") + ".git"
    return (
        str(Path(address).expanduser()) if address.startswith("~") else address.removeprefix("git+")
    )


def _parts(described: str) -> tuple[str, int, str]:
    match = re.fullmatch(r"(.+)-(\d+)-g([0-9a-f]+)", described)
    return (match[1], int(match[2]), match[3]) if match else (described, 0, "")


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
