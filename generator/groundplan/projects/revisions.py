"""The revisions in a project's `migrations/versions`, parsed with `ast`."""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import sources


@dataclass(frozen=True)
class Revision:
    """A revision.

    Attributes:
        parents: the revisions that it follows: several for a merge, none for the first one.
    """

    id: str
    parents: tuple[str, ...]
    file: Path


def read(versions: Path) -> dict[str, Revision]:
    """Return the revisions in a folder, by id.

    Raises:
        Refusal: a file is not valid Python.
    """
    found = (_revision(file) for file in sorted(versions.glob("*.py")))
    return {revision.id: revision for revision in found if revision is not None}


def children(revisions: dict[str, Revision], parent: str) -> list[Revision]:
    """Return the revisions that directly follow one."""
    return [revision for revision in revisions.values() if parent in revision.parents]


def _revision(file: Path) -> Revision | None:
    values: dict[str, Any] = {}
    for statement in sources.parse(file).body:
        for name in ("revision", "down_revision"):
            value = sources.assigned(statement, name)
            if value is not None:
                values[name] = ast.literal_eval(value)
    if not isinstance(values.get("revision"), str):
        return None
    parents: Any = values.get("down_revision") or ()
    return Revision(
        values["revision"], (parents,) if isinstance(parents, str) else tuple(parents), file
    )
