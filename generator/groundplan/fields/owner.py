"""The owner that an existing model gets: `addfield --owner`."""

from dataclasses import dataclass
from uuid import UUID

from ..projects import Project
from .access import WRITERS
from .refusals import Misspelt
from .spec import Access, Target
from .spelling import add_command

NOBODY = "none"
READERS: tuple[Access, ...] = tuple(read for read in WRITERS if "owner" in WRITERS[read])


@dataclass(frozen=True)
class NewOwner:
    """The owner that an existing model gets.

    Attributes:
        read: who may read its rows. Only their owners write them.
        rows_of: the email address or the id of the user to whom existing rows will belong; None
            if the table is empty.
    """

    read: Access
    rows_of: str | UUID | int | None

    @property
    def is_email(self) -> bool:
        return isinstance(self.rows_of, str)

    @property
    def literal(self) -> str:
        """The user as an expression of a revision."""
        return repr(self.rows_of)

    def command(self, target: Target) -> str:
        """Return the command that adds it, quoted for a shell."""
        rows_of = NOBODY if self.rows_of is None else str(self.rows_of)
        read = ("--read", self.read) if self.read != "owner" else ()
        return add_command(target, (), "--owner", "--rows-of", rows_of, *read)


def owner_of(project: Project, read: Access, rows_of: str) -> NewOwner:
    """Return the owner that a command names.

    Args:
        rows_of: an email address, an id, or `none`.

    Raises:
        Misspelt: it is none of these.
    """
    text = rows_of.strip()
    if text.lower() == NOBODY:
        return NewOwner(read, None)
    if "@" in text:
        return NewOwner(read, text.lower())
    try:
        return NewOwner(read, UUID(text) if project.primary_key == "uuid7" else int(text))
    except ValueError:
        kind = "a UUID" if project.primary_key == "uuid7" else "a whole number"
        problem = f"a user is named by an email address or an id, which is {kind}"
        fix = f"Example: ada@example.org. If the table is empty, write {NOBODY}."
        raise Misspelt("rows-of", rows_of, problem, fix) from None
