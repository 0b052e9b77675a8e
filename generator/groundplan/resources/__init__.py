"""What a resource is rendered to."""

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ..fields.spec import Spec
from ..projects import Project
from .listing import with_app
from .modules import app_files
from .refusing import refuse_what_is_not_made


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
    refuse_what_is_not_made(project, spec)
    files = app_files(project, spec)
    if spec.app in project.installed_apps:
        return Resource(files=files)
    settings = PurePosixPath(project.package, "settings.py")
    text = with_app((project.root / settings).read_text(encoding="utf-8"), spec.app)
    if text is None:
        return Resource(files=files, by_hand=[f'{settings}: list "{spec.app}" in INSTALLED_APPS'])
    return Resource(files=files, edits={settings: text})
