"""The relationships that `back=` gives to existing models, also of other apps."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import libcst as cst

from ..fields.spec import Target
from ..projects import Project
from ..resources.context import ModelContext
from ..resources.formatting import tidy
from ..resources.links import Relationship
from . import placing
from .code import defined, import_lines
from .edits import Edits, keep_sorted
from .imports import Names, module_of
from .source import Source, Unsafe

ORIGINS = {"Mapped": "sqlalchemy.orm", "relationship": "sqlalchemy.orm"}
FORMATTED = PurePosixPath("sides.py")  # never written


@dataclass(frozen=True)
class Side:
    """A relationship of an existing model to the one whose field has `back=`.

    Attributes:
        model: the name of that model.
    """

    target: Target
    model: str
    relationship: Relationship

    @property
    def line(self) -> str:
        one = self.relationship
        return (
            f"    {one.name}: Mapped[{one.annotation}] = relationship({', '.join(one.arguments)})"
        )


def sides_of(project: Project, models: Iterable[ModelContext]) -> list[Side]:
    """Return the other sides that the fields of models give to existing models."""
    there = project.models()
    return [
        Side(target, one.name, side)
        for one in models
        for target, side in one.other_sides
        if target in there
    ]


def add_sides(project: Project, found: list[Side], file: Path, edits: Edits) -> None:
    """Add the other sides of references to the edits of a call, or say what to do by hand.

    Args:
        file: the file that defines the models whose fields have them, which may not exist yet.
        edits: of the call so far.
    """
    lines = _formatted(project, found)
    edited: dict[PurePosixPath, tuple[str, str]] = {}
    for other in sorted({project.model(side.target).file for side in found}):
        path = PurePosixPath(other.relative_to(project.root).as_posix())
        own = [side for side in found if project.model(side.target).file == other]
        try:
            source = Source(other, edits.edits.get(path))
            _insert(project, file, source, own, lines)
            edited[path] = source.original, source.result()
        except Unsafe as reason:
            written = "\n".join(
                f"In class {side.target.model}:\n{lines[side.line]}" for side in own
            )
            edits.by_hand.append(f"{path}: {reason}.\n{written}")
    edits.edits |= keep_sorted(project.root, edited)


def _formatted(project: Project, sides: Iterable[Side]) -> dict[str, str]:
    """Return the formatted text of each line."""
    written = {side.line: f"Side{number}" for number, side in enumerate(sides)}
    if not written:
        return {}
    text = "\n\n\n".join(f"class {name}:\n{line}" for line, name in written.items())
    formatted = tidy(project.root, {FORMATTED: text + "\n"})[FORMATTED]
    return {line: next(iter(defined(formatted, name).values())) for line, name in written.items()}


def _insert(
    project: Project, file: Path, source: Source, sides: list[Side], lines: dict[str, str]
) -> None:
    names = Names(source, project.root)
    names.need(ORIGINS, ORIGINS)
    module = module_of(project.root, file)
    wanted = {side.model for side in sides if source.file != file}
    for name in sorted(wanted & names.bound.keys()):
        raise Unsafe(f"{name} already has another meaning in this file")
    for target in dict.fromkeys(side.target for side in sides):
        node = placing.class_of(source, target.model)
        texts = [lines[side.line] for side in sides if side.target == target]
        placing.add_columns(source, node, [], texts)
    block = _types_block(source.module.body)
    if wanted and block is None:
        names.need(["TYPE_CHECKING"], {"TYPE_CHECKING": "typing"})
    names.apply()
    imports = "\n".join(
        f"    {line}" for line in import_lines({module: wanted}, names.folder) if wanted
    )
    if wanted and block is not None:
        source.insert_below(source.end(block.body.body[-1]), imports)
    elif wanted:
        head = names.last_import
        if head is None:
            raise Unsafe("its imports are not at its top")
        source.insert_below(source.end(head), f"\nif TYPE_CHECKING:\n{imports}")


def _types_block(body: Iterable[cst.CSTNode]) -> cst.If | None:
    """Return the block at the top of a module that only type checkers run."""
    for node in body:
        if (
            isinstance(node, cst.If)
            and isinstance(node.test, cst.Name)
            and node.test.value == "TYPE_CHECKING"
            and isinstance(node.body, cst.IndentedBlock)
        ):
            return node
    return None
