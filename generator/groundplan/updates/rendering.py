"""Render the template's changes for an unedited service: one tree before, one after.

Plain Copier makes both: it copies the template with the service's answers, and updates this
pristine copy. So an update changes exactly what `copier update` would change.
"""

import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from ..errors import Refusal
from ..git import UNCONVERTED, Git, identity, own_repositories
from ..projects.project import ANSWERS
from . import ignored
from .releases import Clone, Release
from .service import Service

ANSWER = re.compile(r"Validation error for question '(\w+)': (.*)", re.DOTALL)
SOURCE = re.compile(r"(?m)^_src_path:.*\n(?:[ \t]+.*\n)*")


@dataclass(frozen=True)
class Rendered:
    """A repository with two trees, which can read the service's objects too."""

    git: Git
    before: str
    after: str


def render(
    service: Service,
    template: Clone,
    *,
    current: Release,
    target: Release,
    changed: Mapping[str, Any],
    into: Path,
) -> Rendered:
    """Render a service before and after its update.

    Args:
        service: the service.
        template: the template.
        current: the service's version of the template.
        target: the version to update to.
        changed: answers that change.
        into: a folder that does not exist yet.

    Returns:
        The two trees.

    Raises:
        Refusal: the template refuses an answer, or Copier the update.
    """
    from copier import Settings, run_update

    copy(template, current, service.answers, into)
    git = _repository(service, into)
    before = _snapshot(git, {ANSWERS: service.recorded})
    with _copier(partial(_refused_as_changed, target)):
        run_update(
            into,
            data=dict(changed),
            vcs_ref=target.name,
            settings=Settings(),
            defaults=True,
            overwrite=True,
            quiet=True,
        )
    recorded = into.joinpath(ANSWERS).read_text(encoding="utf-8")
    address = _address(service, template)
    texts = {ANSWERS: SOURCE.sub(lambda _: address, recorded, count=1)}
    new = into / ignored.FILE
    if new.is_file() and git.succeeds("cat-file", "-e", f"{before}:{ignored.FILE}"):
        old = git("cat-file", "blob", f"{before}:{ignored.FILE}") + "\n"
        texts[ignored.FILE] = ignored.keep(service, old, new.read_text(encoding="utf-8"))
    after = _snapshot(git, texts)
    return Rendered(git, before, after)


def copy(template: Clone, version: Release, answers: Mapping[str, Any], into: Path) -> None:
    """Copy a version of the template with a service's answers.

    Raises:
        Refusal: the template refuses an answer.
    """
    from copier import Settings, run_copy

    with _copier(_refused_as_recorded):
        run_copy(
            str(template.git.folder),
            into,
            data={**answers, "is_update": True},  # no rule for new projects applies
            vcs_ref=version.name,
            settings=Settings(),
            defaults=True,
            quiet=True,
        )


@contextmanager
def _copier(refusal: Callable[[str], Refusal]) -> Generator[None]:
    """Run Copier, and turn its errors into refusals."""
    from copier.errors import CopierError

    try:
        with own_repositories():
            yield
    except (CopierError, ValueError) as error:
        raise refusal(str(error).strip().rstrip(".")) from error


def _refused_as_recorded(reason: str) -> Refusal:
    return Refusal(
        f"{ANSWERS} has invalid answers: {reason}",
        "Restore it from an earlier commit, and change answers with --set",
    )


def _refused_as_changed(target: Release, reason: str) -> Refusal:
    answer = ANSWER.fullmatch(reason)
    if answer:
        return Refusal(f"{answer[1]}: {answer[2]}", f"Give another answer with --set {answer[1]}=…")
    return Refusal(
        f"Copier refuses Groundplan {target.name}: {reason}",
        "Install the newest Groundplan, or name another version with --to",
    )


def _repository(service: Service, folder: Path) -> Git:
    """Make the copy a repository, with the commit that Copier's update needs."""
    git = Git(folder, identity())
    kind = service.git("rev-parse", "--show-object-format")
    git("init", "--quiet", "--initial-branch", "pristine", f"--object-format={kind}")
    for key, value in UNCONVERTED.items():
        git("config", key, value)
    objects = service.root / service.git("rev-parse", "--git-path", "objects")
    folder.joinpath(".git/objects/info/alternates").write_text(f"{objects.resolve()}\n")
    git("add", "--all", "--force")
    git("commit", "--quiet", "--no-verify", "--message", "As it was")
    return git


def _snapshot(git: Git, texts: Mapping[str, str]) -> str:
    """Write the folder's files as a tree, with other texts for some of them."""
    index = git.with_index(git.folder / ".git/groundplan-index")
    index("add", "--all", "--force")
    for path, text in texts.items():
        blob = git("hash-object", "-w", "--stdin", stdin=text)
        index("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
    return index("write-tree")


def _address(service: Service, template: Clone) -> str:
    """Return the lines of the answers file for the template's address."""
    found = SOURCE.search(service.recorded)
    if found is None or template.address != service.address:
        return yaml.safe_dump({"_src_path": template.address}, allow_unicode=True)
    return found[0]
