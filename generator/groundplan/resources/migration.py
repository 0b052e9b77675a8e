"""The place of a new revision in the project's history."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath

from ..errors import Refusal
from ..projects import Project, revisions


@dataclass(frozen=True)
class NewRevision:
    """A revision that is about to be written.

    Attributes:
        parent: the current head, or None in a project without revisions.
    """

    id: str
    parent: str | None
    path: PurePosixPath

    @classmethod
    def after_head(cls, project: Project, title: str, content: object) -> "NewRevision":
        """Return the revision that follows the head. Its id depends on its content, not on time.

        Raises:
            Refusal: there are several heads, or a revision cannot be parsed.
        """
        known = revisions.read(project.versions)
        parent = _head(name for name in known if not revisions.children(known, name))
        number = len(known) + 1
        path = PurePosixPath("migrations", "versions", f"{number:04}_{title.replace(' ', '_')}.py")
        return cls(sha256(f"{parent} {content!r}".encode()).hexdigest()[:12], parent, path)


def _head(heads: Iterable[str]) -> str | None:
    found = sorted(heads)
    if len(found) > 1:
        raise Refusal(
            f"The migrations have {len(found)} heads: {', '.join(found)}",
            "Merge them first: `python manage.py makemigrations --merge`.",
        )
    return found[0] if found else None
