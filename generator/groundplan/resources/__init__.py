"""What a resource is rendered to."""

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ..fields.spec import Spec
from ..projects import Project


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
    """Render what a spec adds to a project."""
    app = PurePosixPath(project.package, "apps", spec.app)
    classes = "".join(
        f"\n\nclass {model.name}(PrimaryKey, Timestamps, Base):\n    pass\n"
        for model in spec.models
    )
    if project.has_app(spec.app):
        text = (project.root / app / "models.py").read_text()
        return Resource(edits={app / "models.py": text + classes})
    settings = PurePosixPath(project.package, "settings.py")
    text = (project.root / settings).read_text()
    listed = text.replace("= []", "= [\n    ]").replace(
        "    ]\n", f'        "{spec.app}",\n    ]\n'
    )
    imports = "\nfrom ...core.db import Base, PrimaryKey, Timestamps\n" if classes else ""
    return Resource(
        files={
            app / "__init__.py": "",
            app / "models.py": f'"""The tables of {spec.app}."""\n{imports}{classes}',
            PurePosixPath("tests", spec.app, "__init__.py"): "",
        },
        edits={settings: listed},
    )
