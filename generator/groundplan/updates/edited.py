"""Refuse an answers file that was edited by hand: the rest of the service has other answers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import yaml

from ..errors import Refusal
from ..git import Git
from ..projects.project import ANSWERS
from .releases import Clone, Release
from .rendering import copy
from .service import Service


def refuse(service: Service, template: Clone, current: Release, scratch: Path) -> None:
    """Refuse if the service's files are those of its earlier answers, and not of the present ones.

    An answer that `--set` has changed has changed the files too.

    Args:
        service: the service.
        template: the template.
        current: the service's version of the template.
        scratch: a folder that does not exist yet.

    Raises:
        Refusal: the file was edited, or has invalid answers.
    """
    earlier = _earlier(service)
    if not earlier:
        return
    now = _copied(template, current, service, {}, scratch / "now")
    try:
        before = _copied(template, current, service, earlier, scratch / "before")
    except Refusal:  # this version of the template has other rules for answers
        return
    differing = {path for path in now.keys() | before.keys() if now.get(path) != before.get(path)}
    present = {path: _bytes(service.root / path) for path in differing}
    if any(present[path] == now.get(path) for path in differing):
        return
    if any(present[path] == before.get(path) for path in differing):
        lines = [yaml.safe_dump({key: value}).strip() for key, value in earlier.items()]
        words = " ".join(f"--set {key}={_word(service.answers[key])}" for key in sorted(earlier))
        raise Refusal(
            f"{ANSWERS} was edited by hand: the rest of the service has {', '.join(lines)}",
            f"Write that into it again, commit it, and run `groundplan update {words}`",
        )


def _earlier(service: Service) -> dict[str, Any]:
    """Return the answers before their last change, as far as they differ from the present ones."""
    for commit in service.git("log", "--format=%H", "--", ANSWERS).split():
        recorded = _recorded(service.git, commit)
        differing = {
            key: recorded[key]
            for key, value in service.answers.items()
            if key in recorded and recorded[key] != value
        }
        if differing:
            return differing
    return {}


def _recorded(git: Git, commit: str) -> dict[str, Any]:
    done = git.run("cat-file", "blob", f"{commit}:./{ANSWERS}")
    try:
        document: object = yaml.safe_load(done.stdout)
    except (yaml.YAMLError, UnicodeDecodeError):
        return {}
    return cast("dict[str, Any]", document) if isinstance(document, dict) else {}


def _copied(
    template: Clone, version: Release, service: Service, earlier: Mapping[str, Any], into: Path
) -> dict[Path, bytes]:
    """Copy the template, and return the files that are not the owner's."""
    copy(template, version, {**service.answers, **earlier}, into)
    core = Path(str(service.answers["package_name"]), "core")
    owners = (ANSWERS, "README.md", "tests", "migrations", core.parts[0])
    paths = [path.relative_to(into) for path in into.rglob("*") if path.is_file()]
    return {
        path: into.joinpath(path).read_bytes()
        for path in paths
        if path.is_relative_to(core) or path.parts[0] not in owners
    }


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _word(answer: object) -> str:
    return str(answer) if not isinstance(answer, bool) else "yes" if answer else "no"
