"""The class `Edit`, and functions that make edits."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "my_service"


@dataclass(frozen=True)
class Edit:
    """An edit of a service.

    Attributes:
        name: what the owner does.
        make: makes the edit in a service's folder.
        conflicts: whether the template's next release changes the same lines.
        of_servers: whether only the files of a database with a server have these lines.
        alone: whether it cannot be combined with the other edits in one service.
    """

    name: str
    make: Callable[[Path], None]
    conflicts: bool = False
    of_servers: bool = False
    alone: bool = False

    def conflicts_with(self, driver: str) -> bool:
        """Whether the edit conflicts in a service with this driver."""
        return self.conflicts and not (self.of_servers and driver == "aiosqlite")


def write(name: str, path: str, text: str, **facts: bool) -> Edit:
    """Add or overwrite a file."""

    def make(root: Path) -> None:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    return Edit(name, make, **facts)


def replace(name: str, path: str, old: str, new: str, **facts: bool) -> Edit:
    """Replace lines that occur exactly once."""

    def make(root: Path) -> None:
        file = root / path
        text = file.read_text()
        assert text.count(old) == 1, f"{path} has {old!r} {text.count(old)} times"
        file.write_text(text.replace(old, new))

    return Edit(name, make, **facts)


def after(name: str, path: str, line: str, new: str, **facts: bool) -> Edit:
    """Add lines after a line."""
    return replace(name, path, f"{line}\n", f"{line}\n{new}", **facts)


def append(name: str, path: str, text: str, **facts: bool) -> Edit:
    """Append lines to a file."""

    def make(root: Path) -> None:
        with root.joinpath(path).open("a") as file:
            file.write(text)

    return Edit(name, make, **facts)


def rewrite(name: str, path: str, change: Callable[[str], str], **facts: bool) -> Edit:
    """Replace a file's whole text."""

    def make(root: Path) -> None:
        file = root / path
        text = file.read_text()
        assert change(text) != text, f"{name} changes nothing in {path}"
        file.write_text(change(text))

    return Edit(name, make, **facts)


def together(name: str, *edits: Edit, **facts: bool) -> Edit:
    """Combine several edits into one."""

    def make(root: Path) -> None:
        for edit in edits:
            edit.make(root)

    return Edit(name, make, **facts)
