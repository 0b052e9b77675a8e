"""Add the owner's part of the answer `auth` to a service: the app `users`, installed.

`copier update` leaves the owner's files alone, so it brings only `core/auth`.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..editing.listing import with_app
from ..errors import Refusal
from .merging import Merged, changes
from .releases import Clone, Release
from .rendering import copy
from .service import Service

APP = "users"
TABLE = re.compile(
    r"""__tablename__(:.*)? = ["']users["']|\bTable\(\s*["']users["']|^class User\([^)]*\bBase\)""",
    re.MULTILINE,
)
STEPS = "docs/updates.md of Groundplan, 'Users', has the steps to adopt it"


def is_missing(service: Service) -> bool:
    """Return whether a service does not list the app `users`, or has no such app."""
    paths = set(_paths(service))
    settings = _settings(service)
    listed = _with_users(service) if settings in paths else None
    name = re.compile(rf"""["']{APP}["']""".encode())
    installed = listed is not None and name.search(_blob(service, settings))
    return not installed or f"{_package(service)}/apps/{APP}/__init__.py" not in paths


def add(service: Service, template: Clone, target: Release, merged: Merged, into: Path) -> Merged:
    """Add the app and its name in INSTALLED_APPS to a merge.

    Args:
        service: the service.
        template: the template.
        target: the version to update to.
        merged: the merge of the template's files.
        into: a folder that does not exist yet.

    Raises:
        Refusal: the service has an app or a table of this name, or INSTALLED_APPS is not a list.
    """
    package, settings = _package(service), _settings(service)
    _refuse_own_users(service)
    listed = _with_users(service)
    if listed is None:
        raise Refusal(
            f"INSTALLED_APPS in {settings} is not a literal list of names, so {APP!r} cannot be added",
            'Write it as a list: INSTALLED_APPS: ClassVar[list[str]] = ["blog"]',
        )
    copy(template, target, _answers(service), into)
    into.joinpath(settings).write_bytes(listed)
    files = [into / settings]
    for folder in (into / package / "apps" / APP, into / "tests" / APP):
        files += sorted(path for path in folder.rglob("*") if path.is_file())
    git = merged.git
    index = git.with_index(git.folder / ".git/groundplan-users")
    index("read-tree", merged.tree)
    mode, *_ = git("ls-tree", merged.tree, "--", settings).split()
    for file in files:
        blob = git("hash-object", "-w", "--no-filters", "--", str(file))
        path = file.relative_to(into).as_posix()
        kept = mode if path == settings else "100644"
        index("update-index", "--add", "--cacheinfo", f"{kept},{blob},{path}")
    tree = index("write-tree")
    commit = git("commit-tree", tree, "-p", "merged", "-m", "users")
    git("update-ref", "refs/heads/merged", commit)
    found = sorted(changes(git, service.tree, tree, merged.conflicting))
    return replace(merged, tree=tree, changes=found)


def refuse_to_remove(service: Service) -> None:
    """Refuse to remove `core/auth` from a service that uses it.

    Raises:
        Refusal: the service has the app.
    """
    if not is_missing(service):
        raise Refusal(
            f"the app {APP!r}, which is yours, needs core/auth, which auth=no removes",
            "First remove the app and what uses it, with its name in INSTALLED_APPS, and commit",
        )


def _refuse_own_users(service: Service) -> None:
    apps = f"{_package(service)}/apps/"
    for path in _paths(service):
        if path.startswith(f"{apps}{APP}/"):
            raise Refusal(f"{apps}{APP} exists: this service has its own app of that name", STEPS)
        if path.startswith(f"tests/{APP}/"):
            raise Refusal(
                f"tests/{APP} exists, and the tests of the app {APP!r} would overwrite it",
                "Move your tests to another folder, and commit",
            )
        python = path.startswith(apps) and path.endswith(".py")
        if python and TABLE.search(_blob(service, path).decode(errors="replace")):
            raise Refusal(f"{path} defines a table {APP}, the name of auth's table", STEPS)


def _with_users(service: Service) -> bytes | None:
    """Return the service's settings with the app, or None if INSTALLED_APPS is not a literal list."""
    try:
        return with_app(_blob(service, _settings(service)), APP)
    except (SyntaxError, ValueError) as error:
        where = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        raise Refusal(
            f"{_settings(service)} is not valid Python{where}, so its INSTALLED_APPS cannot be read",
            "Correct the file, and commit",
        ) from None


def _answers(service: Service) -> Mapping[str, Any]:
    kept = {key: value for key, value in service.answers.items() if key != "jobs"}
    return {**kept, "auth": True, "example": False}


def _package(service: Service) -> str:
    return str(service.answers["package_name"])


def _settings(service: Service) -> str:
    return f"{_package(service)}/settings.py"


def _paths(service: Service) -> list[str]:
    return service.git.lines("ls-tree", "-r", "-z", "--name-only", "--full-tree", service.tree)


def _blob(service: Service, path: str) -> bytes:
    return service.git.run("cat-file", "blob", f"{service.tree}:{path}").stdout
