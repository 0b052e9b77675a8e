"""Run an update from start to end."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ..changes import journal
from ..errors import Refusal
from ..git import GitError
from . import answers as asked
from . import applying, core_tables, edited, releases, reporting, service, users, verifying
from .merging import Merged, merge
from .releases import CURRENT, Clone, Release
from .rendering import render
from .service import Service

DONE, FAILED, NEWS = 0, 1, 2


def check(folder: Path, *, ref: str | None, template: str | None, as_json: bool) -> int:
    """Report whether the template has a newer version than the service's.

    Args:
        folder: the service, or a folder within it.
        ref: the version to compare with, by default the newest.
        template: the template's new address, if it has moved.
        as_json: print JSON.

    Returns:
        The exit code: 2 if there is a newer version.

    Raises:
        Refusal: the versions cannot be compared.
    """
    with _untouched(), TemporaryDirectory(prefix="groundplan-") as scratch:
        found = service.find(folder, committed=False)
        clone = _clone(found, template, scratch, history_only=True)
        current, target = _versions(found, clone, ref)
    reporting.versions(current, target, as_json=as_json)
    return DONE if current.commit == target.commit else NEWS


def update(
    folder: Path,
    *,
    ref: str | None,
    answers: Iterable[str],
    template: str | None,
    dry_run: bool,
    verify: bool,
    as_json: bool,
) -> int:
    """Merge the template's changes into a service, uncommitted.

    Args:
        folder: the service, or a folder within it.
        ref: the version to update to, by default the newest.
        answers: new answers, as `key=value`.
        template: the template's new address, if it has moved.
        dry_run: show the changes without making them.
        verify: run the service's checks afterwards.
        as_json: print JSON.

    Returns:
        The exit code: 1 if files are in conflict or a check fails.

    Raises:
        Refusal: the update is not possible. Nothing was changed.
    """
    with (
        _untouched(),
        TemporaryDirectory(prefix="groundplan-", ignore_cleanup_errors=True) as scratch,
    ):
        found = service.find(folder)
        checks = verifying.checks(found) if verify else []
        clone = _clone(found, template, scratch)
        current, target = _versions(found, clone, ref)
        edited.refuse(found, clone, current, Path(scratch, "edited"))
        changed = asked.changes(answers, clone.questions(target))
        adds_users = changed.get("auth") is True and users.is_missing(found)
        changed = {key: value for key, value in changed.items() if found.answers.get(key) != value}
        if changed.get("auth") is False:
            users.refuse_to_remove(found)
        moved = clone.address != found.address
        if current.commit == target.commit and not (changed or adds_users or moved):
            reporting.versions(current, target, as_json=as_json)
            return DONE
        rendered = render(
            found,
            clone,
            current=current,
            target=target,
            changed=changed,
            into=Path(scratch, "pristine"),
        )
        moves = clone.moves(current, target)
        merged = merge(found, rendered, f"groundplan-{target.name}", moves)
        _refuse_to_drop_edits(merged, target)
        if adds_users:
            merged = users.add(found, clone, target, merged, Path(scratch, "users"))
        applying.refuse_to_overwrite(found, merged)
        notes = list(clone.notes(current, target))
        package = str(found.answers["package_name"])
        tables = core_tables.changed(rendered.git, rendered.before, rendered.after, package)
        if not dry_run:
            with journal.locked(found.root):
                service.refuse_changes_since(found)
                applying.apply(found, merged)
        outcome = reporting.Outcome(current, target, merged, notes, tables, dry_run)
    if not as_json:
        reporting.plan(outcome)
    passed = None
    if checks and not merged.conflicting:
        passed = verifying.run(found, checks, needs_revision=bool(tables), quiet=as_json)
    if as_json:
        reporting.as_json(outcome, passed=passed)
    else:
        reporting.end(outcome, passed=passed)
    return FAILED if merged.conflicting or passed is False else DONE


@contextmanager
def _untouched() -> Generator[None]:
    """Turn errors of git and of the machine into refusals, before anything is changed."""
    try:
        yield
    except (GitError, OSError) as error:
        raise Refusal(
            f"{str(error).rstrip('.')}; nothing was changed",
            "Correct that (`git fsck` describes a broken repository), and run the command again",
        ) from error


def _clone(
    found: Service, template: str | None, scratch: str, *, history_only: bool = False
) -> Clone:
    address = releases.absolute(template) if template else found.address
    return releases.clone(address, Path(scratch, "template"), history_only=history_only)


def _versions(found: Service, clone: Clone, ref: str | None) -> tuple[Release, Release]:
    try:
        current = clone.release(found.commit)
    except Refusal as refusal:
        raise Refusal(
            f"This service is on version {found.commit}, which the template at {clone.address} "
            "does not have",
            "Name the template that has it with --template",
        ) from refusal
    target = current if ref == CURRENT else clone.release(ref) if ref else clone.newest()
    if target.version < current.version:
        if ref is None:
            return current, current  # the service is on a commit after the newest release
        raise Refusal(
            f"This service is on {current.name}, and {target.name} is older",
            "Updates only go forward. To go back, revert the commit of the update",
        )
    return current, target


def _refuse_to_drop_edits(merged: Merged, target: Release) -> None:
    if merged.orphaned:
        files = ", ".join(sorted(merged.orphaned))
        raise Refusal(
            f"Groundplan {target.name} removes {files}, which you have edited",
            "Move your changes to your own files, delete the removed files, commit, and update again",
        )
