"""Refuse an answers file that was edited by hand: the rest of the service has other answers."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import yaml

from ..errors import Refusal
from ..git import Git
from ..projects.project import ANSWERS
from .releases import Clone, Release
from .rendering import copy
from .service import Service

Blobs = dict[str, str]  # git's ids of files, by their paths


def refuse(service: Service, template: Clone, current: Release, scratch: Path) -> None:
    """Refuse if the service's files are those of its earlier answers, and never were of the present ones.

    An answer that `--set` has changed has changed the files too. Their owner may have restored them.

    Args:
        service: the service.
        template: the template.
        current: the service's version of the template.
        scratch: a folder that does not exist yet.

    Raises:
        Refusal: the file was edited, or has invalid answers.
    """
    changes = [*_earlier(service)]
    if not changes:
        return
    now = _copied(template, current, service, {}, scratch / "now")
    present = _blobs(service)
    for commit, earlier in changes:
        try:
            before = _copied(template, current, service, earlier, scratch / commit)
        except Refusal:  # this version of the template has other rules for answers
            continue
        paths = {path for path in now.keys() | before.keys() if now.get(path) != before.get(path)}
        if any(present.get(path) == now.get(path) for path in paths):
            continue
        if any(present.get(path) == before.get(path) for path in paths) and not any(
            blob == now.get(path) for path, blob in _since(service, commit, paths)
        ):
            lines = [yaml.safe_dump({key: value}).strip() for key, value in earlier.items()]
            words = " ".join(
                f"--set {key}={_word(service.answers[key])}" for key in sorted(earlier)
            )
            raise Refusal(
                f"{ANSWERS} was edited by hand: the rest of the service has {', '.join(lines)}",
                "Write that into it again and commit it. To change the answer in the whole "
                f"service, then run `groundplan update {words}`",
            )


def _earlier(service: Service) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the last commits in which answers differ, each with the answers that it had."""
    commits = service.git("log", "--format=%H", "--no-show-signature", "--", ANSWERS)
    answers = dict(service.answers)
    for commit in commits.split():
        recorded = _recorded(service.git, commit)
        differing = {
            key: recorded[key]
            for key, value in answers.items()
            if key in recorded and recorded[key] != value
        }
        if differing:
            yield commit, differing
            answers = {key: value for key, value in answers.items() if key not in differing}


def _recorded(git: Git, commit: str) -> dict[str, Any]:
    done = git.run("cat-file", "blob", f"{commit}:./{ANSWERS}")
    try:
        document: object = yaml.safe_load(done.stdout)
    except (yaml.YAMLError, UnicodeDecodeError):
        return {}
    return cast("dict[str, Any]", document) if isinstance(document, dict) else {}


def _copied(
    template: Clone, version: Release, service: Service, earlier: Mapping[str, Any], into: Path
) -> Blobs:
    """Copy the template, and return the files that are not the owner's."""
    copy(template, version, {**service.answers, **earlier}, into)
    core = Path(str(service.answers["package_name"]), "core")
    owners = (ANSWERS, "README.md", "tests", "migrations", core.parts[0])
    paths = [path.relative_to(into) for path in into.rglob("*") if path.is_file()]
    algorithm = service.git("rev-parse", "--show-object-format")
    return {
        path.as_posix(): _blob(into.joinpath(path).read_bytes(), algorithm)
        for path in paths
        if path.is_relative_to(core) or path.parts[0] not in owners
    }


def _blob(content: bytes, algorithm: str) -> str:
    """Return git's id of a file's content."""
    return hashlib.new(algorithm, b"blob %d\0" % len(content) + content).hexdigest()


def _blobs(service: Service) -> Blobs:
    lines = service.git.lines("ls-tree", "-r", "-z", "--full-tree", service.tree)
    entries = (line.partition("\t") for line in lines if line)
    return {path: facts.split()[2] for facts, _, path in entries}


def _since(service: Service, commit: str, paths: set[str]) -> list[tuple[str, str | None]]:
    """Return what the commits after this one made of files: their ids, or None for a removed file."""
    options = ("--format=", "--no-show-signature", "--raw", "-m", "-z", "--relative")
    fields = service.git.lines(
        "log", *options, "--no-abbrev", "--no-renames", f"{commit}..HEAD", "--", *sorted(paths)
    )
    facts = (one.split() for one in fields[::2])
    return [
        (path, None if words[4] == "D" else words[3])
        for words, path in zip(facts, fields[1::2], strict=False)
    ]


def _word(answer: object) -> str:
    return str(answer) if not isinstance(answer, bool) else "yes" if answer else "no"
