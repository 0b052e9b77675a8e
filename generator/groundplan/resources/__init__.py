"""What a resource is rendered to."""

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ..fields.names import table_of
from ..fields.spec import Spec
from ..projects import Project
from .listing import with_app
from .modules import app_files
from .refusing import refuse_an_older_core, refuse_what_is_not_made


@dataclass(frozen=True)
class Resource:
    """The files of a resource.

    Attributes:
        files: new files, by their paths from the project's root.
        edits: the whole new text of files that are there.
        by_hand: lines to add where an edit could not be made.
    """

    files: dict[PurePosixPath, str] = field(default_factory=dict[PurePosixPath, str])
    edits: dict[PurePosixPath, str] = field(default_factory=dict[PurePosixPath, str])
    by_hand: list[str] = field(default_factory=list[str])


def render(project: Project, spec: Spec) -> Resource:
    """Render what a spec adds to a project.

    Raises:
        Refusal: a part of the spec is not made yet, or a source cannot be read.
    """
    from ..editing.merging import merge  # libcst takes its time

    refuse_what_is_not_made(spec)
    files = app_files(project, spec)
    refuse_an_older_core(project, spec.app, files)
    edits: dict[PurePosixPath, str] = {}
    by_hand: list[str] = []
    if project.has_app(spec.app):
        files, edits, by_hand = merge(project, files, table_of(spec.models[0].name))
    if spec.app in project.installed_apps:
        return Resource(files, edits, by_hand)
    settings = PurePosixPath(project.package, "settings.py")
    text = with_app((project.root / settings).read_text(encoding="utf-8"), spec.app)
    if text is None:
        listed = f'{settings}: list "{spec.app}" in INSTALLED_APPS'
        return Resource(files, edits, [*by_hand, listed])
    return Resource(files, {**edits, settings: text}, by_hand)
