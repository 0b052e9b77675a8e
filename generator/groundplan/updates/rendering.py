"""What the template has become, for a service that nobody has edited: two trees, before and after.

Both come of plain Copier: the service is copied anew as its answers made it, and this pristine copy
is updated. So an update changes what `copier update` would, and nothing else.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ..errors import Refusal
from .git import Git, GitError, own_repositories
from .releases import Clone, Release
from .service import ANSWERS, Service

ANSWER = re.compile(r"Validation error for question '(\w+)': (.*)", re.DOTALL)
SOURCE = re.compile(r"(?m)^_src_path:.*\n(?:[ \t]+.*\n)*")


@dataclass(frozen=True)
class Rendered:
    """A repository with two trees, which knows the service's objects too."""

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
        service: the service, for its answers.
        template: the template.
        current: the version that the service is on.
        target: the version that it shall be on.
        changed: answers that change.
        into: a folder that does not exist yet.

    Returns:
        The two trees.

    Raises:
        Refusal: The template refuses an answer, or Copier the update.
    """
    from copier import Settings, run_copy, run_update
    from copier.errors import CopierError

    source = str(template.git.folder)
    try:
        with own_repositories():
            run_copy(
                source,
                into,
                data=dict(service.answers),
                vcs_ref=current.name,
                settings=Settings(),
                defaults=True,
                quiet=True,
            )
        git = _repository(service, into)
        before = _snapshot(git, ANSWERS, service.recorded)
        with own_repositories():
            run_update(
                into,
                data=dict(changed),
                vcs_ref=target.name,
                settings=Settings(),
                defaults=True,
                overwrite=True,
                quiet=True,
            )
    except (CopierError, ValueError) as error:
        raise _refusal(str(error)) from error
    recorded = into.joinpath(ANSWERS).read_text(encoding="utf-8")
    address = _address(service, template)
    after = _snapshot(git, ANSWERS, SOURCE.sub(lambda _: address, recorded, count=1))
    return Rendered(git, before, after)


def _refusal(reason: str) -> Refusal:
    answer = ANSWER.fullmatch(reason.strip())
    if answer:
        return Refusal(f"{answer[1]} {answer[2]}", f"Name another by --set {answer[1]}=…")
    return Refusal(f"Copier refuses: {reason.strip().rstrip('.')}", "Nothing was touched")


def _repository(service: Service, folder: Path) -> Git:
    """Make a repository of the copy, with a commit that Copier starts from."""
    git = Git(folder)
    kind = service.git("rev-parse", "--show-object-format")
    git("init", "--quiet", "--initial-branch", "pristine", f"--object-format={kind}")
    git("config", "core.autocrlf", "false")
    objects = service.root / service.git("rev-parse", "--git-path", "objects")
    folder.joinpath(".git/objects/info/alternates").write_text(f"{objects.resolve()}\n")
    git("add", "--all", "--force")
    git("commit", "--quiet", "--no-verify", "--message", "As it was")
    return git


def _snapshot(git: Git, path: str, text: str) -> str:
    """Write the folder's files as a tree, in which one file reads otherwise."""
    index = git.with_index(git.folder / ".git/groundplan-index")
    index("add", "--all", "--force")
    blob = git("hash-object", "-w", "--stdin", stdin=text)
    index("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
    return index("write-tree")


def _address(service: Service, template: Clone) -> str:
    """Return the lines of the answers file that say where the template is."""
    if template.address != service.address:
        return yaml.safe_dump({"_src_path": template.address}, allow_unicode=True)
    found = SOURCE.search(service.recorded)
    if found is None:
        raise GitError(("cat-file",), f"no _src_path in {ANSWERS}")
    return found[0]
