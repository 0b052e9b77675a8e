"""What `startapp` changes in a project."""

from pathlib import PurePosixPath

from ..fields.names import table_of
from ..fields.spec import Spec
from ..projects import Project
from ..resources.context import model_contexts
from ..resources.modules import app_files
from ..resources.refusing import (
    refuse_back_on_outdated_core,
    refuse_outdated_core,
    refuse_twice,
    refuse_unsupported,
)
from .edits import Edits, keep_sorted
from .listing import with_app


def add_app(project: Project, spec: Spec) -> Edits:
    """Work out what a spec adds to a project.

    Raises:
        Refusal: a part of the spec is not supported, or a source cannot be read.
    """
    refuse_unsupported(spec)
    files = app_files(project, spec)
    refuse_twice(files)
    refuse_outdated_core(project, spec.app, files)
    refuse_back_on_outdated_core(project, spec)
    result = Edits(files)
    if project.has_app(spec.app):
        from .merging import merge  # importing libcst takes half a second

        table = table_of(spec.models[0].name) if spec.models else ""
        result.files, edited, result.by_hand = merge(project, files, table)
        result.edits = keep_sorted(project.root, edited)
    if any(field.back for model in spec.models for field in model.fields):
        from .sides import add_sides, sides_of

        file = project.apps / spec.app / "models.py"
        add_sides(project, sides_of(project, model_contexts(project, spec)), file, result)
    if spec.app in project.installed_apps:
        return result
    settings = PurePosixPath(project.package, "settings.py")
    listed = with_app((project.root / settings).read_bytes(), spec.app)
    if listed is None:
        result.by_hand.append(f'{settings}: add "{spec.app}" to INSTALLED_APPS.')
    else:
        result.edits[settings] = listed.decode()
    return result
