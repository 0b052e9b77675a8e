"""The revisions of a project's database, read from `migrations/versions` by `ast`."""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import sources


@dataclass(frozen=True)
class Revision:
    """A revision as its file says it.

    Attributes:
        parents: the revisions that it follows; several where it merges, none where it is the first.
    """

    id: str
    parents: tuple[str, ...]
    file: Path


def read(versions: Path) -> dict[str, Revision]:
    """Return the revisions of a folder, by their ids.

    Raises:
        Refusal: a file is no Python.
    """
    found = (_revision(file) for file in sorted(versions.glob("*.py")))
    return {revision.id: revision for revision in found if revision is not None}


def children(revisions: dict[str, Revision], parent: str) -> list[Revision]:
    """Return the revisions that follow one directly."""
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
