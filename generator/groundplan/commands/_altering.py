"""What removefield, renamefield and renamemodel have in common."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..changes import records
from ..changes.execute import Options, execute
from ..changes.fingerprint import Fingerprint, fingerprint
from ..changes.plan import make
from ..editing import checking
from ..fields.history import commands_of
from ..fields.spec import Target
from ..projects import Project

if TYPE_CHECKING:
    from ..editing.edits import Edits

NEXT = ("uv run python manage.py migrate", "uv run python manage.py test")


@dataclass(frozen=True)
class Altering:
    """A model that a command changes, and the commands that made its app."""

    project: Project
    target: Target
    commands: Sequence[str]
    has_record: bool
    built_on: Fingerprint

    @classmethod
    def of(cls, folder: Path, model: str, example: str) -> "Altering":
        """Find the model.

        Raises:
            Refusal: the folder is not in a project, or the model does not exist.
        """
        project = Project.find(folder)
        built_on = fingerprint(project.root)
        target = checking.find(project, model, example)
        record = records.load(project.root, target.app)
        return cls(project, target, commands_of(project, record), record is not None, built_on)

    def execute(self, edits: "Edits", options: Options, name: str, *words: str) -> None:
        """Show and write the edits, and print what is left to do by hand."""
        model = f"{self.target.app}.{self.target.model}"
        execute(
            make(self.project.root, files=edits.files, edits=edits.edits, removed=edits.removed),
            options,
            command=shlex.join(["groundplan", name, model, *words]),
            built_on=self.built_on,
            record=self.target.app if self.has_record else None,
            by_hand=edits.by_hand,
            next_steps=NEXT if edits.files else NEXT[1:],
        )
