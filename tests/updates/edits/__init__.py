"""What owners do to a service: some ninety edits, each made to a service of release 0.1.0.

Most change what the template keeps changing too; the rest is their own ground.
"""

from . import apps, deployment, framework, moved, project
from .edit import Edit

EDITS: tuple[Edit, ...] = (
    *apps.EDITS,
    *project.EDITS,
    *deployment.EDITS,
    *framework.EDITS,
    *moved.EDITS,
)

__all__ = ["EDITS", "Edit"]
