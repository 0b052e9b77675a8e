"""What `startapp` changes in a project: new files, and edits of existing ones."""

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..fields.names import table_of
from ..fields.spec import Spec
from ..projects import Project
from ..resources.formatting import sort_imports
from ..resources.modules import app_files
from ..resources.refusing import refuse_outdated_core, refuse_unsupported
from .listing import with_app


@dataclass
class Edits:
    """Changes of a project.

    Attributes:
        files: the texts of new files, by paths relative to the project.
        edits: the whole new texts of existing files.
        by_hand: what was not safe to change, each with the lines to add.
    """

    files: dict[PurePosixPath, str] = field(default_factory=dict[PurePosixPath, str])
    edits: dict[PurePosixPath, str] = field(default_factory=dict[PurePosixPath, str])
    by_hand: list[str] = field(default_factory=list[str])


def add_app(project: Project, spec: Spec) -> Edits:
    """Work out what a spec adds to a project.

    Raises:
        Refusal: a part of the spec is not supported, or a source cannot be read.
    """
    refuse_unsupported(spec)
    files = app_files(project, spec)
    refuse_outdated_core(project, spec.app, files)
    result = Edits(files)
    if project.has_app(spec.app):
        from .merging import merge  # importing libcst takes half a second

        table = table_of(spec.models[0].name) if spec.models else ""
        result.files, edited, result.by_hand = merge(project, files, table)
        result.edits = keep_sorted(project.root, edited)
    if any(field.back for model in spec.models for field in model.fields):
        from .sides import add_sides

        add_sides(project, spec, result)
    if spec.app in project.installed_apps:
        return result
    settings = PurePosixPath(project.package, "settings.py")
    listed = with_app((project.root / settings).read_bytes(), spec.app)
    if listed is None:
        result.by_hand.append(f'{settings}: add "{spec.app}" to INSTALLED_APPS.')
    else:
        result.edits[settings] = listed.decode()
    return result


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
