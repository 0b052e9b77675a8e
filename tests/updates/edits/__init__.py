"""Edits that owners make: about 130, each made to a service of release 0.1.0.

Most edit files that the template changes too; the others edit the owner's files.
"""

from . import apps, deployment, formats, framework, moved, packages, project
from .edit import Edit

EDITS: tuple[Edit, ...] = (
    *apps.EDITS,
    *project.EDITS,
    *deployment.EDITS,
    *framework.EDITS,
    *moved.EDITS,
    *formats.EDITS,
    *packages.EDITS,
)

__all__ = ["EDITS", "Edit"]
