"""Changes of a project: new files, and edits of existing ones."""

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..resources.formatting import sort_imports


@dataclass
class Edits:
    """Changes of a project.

    Attributes:
        files: the texts of new files, by paths relative to the project.
        edits: the whole new texts of existing files.
        by_hand: what was not safe to change, each with the lines to add.
        removed: files in which nothing is left.
    """

    files: dict[PurePosixPath, str] = field(default_factory=dict[PurePosixPath, str])
    edits: dict[PurePosixPath, str] = field(default_factory=dict[PurePosixPath, str])
    by_hand: list[str] = field(default_factory=list[str])
    removed: list[PurePosixPath] = field(default_factory=list[PurePosixPath])


def keep_sorted(
    root: Path, edits: dict[PurePosixPath, tuple[str, str]]
) -> dict[PurePosixPath, str]:
    """Sort the imports of edited files whose imports were sorted before.

    Args:
        edits: texts before and after, by paths relative to the project.

    Raises:
        Refusal: ruff does not accept the project's configuration.
    """
    before = sort_imports(root, {path: texts[0] for path, texts in edits.items()})
    after = {path: texts[1] for path, texts in edits.items()}
    was_sorted = {path for path, text in before.items() if text == edits[path][0]}
    return after | sort_imports(root, {path: after[path] for path in was_sorted})
