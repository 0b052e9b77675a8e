"""How an edit is written down."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "my_service"


@dataclass(frozen=True)
class Edit:
    """An edit.

    Attributes:
        name: what the owner did.
        make: does it to a service's folder.
        conflicts: the template's next release changes the same lines.
        alone: it does not go with the others in one service.
    """

    name: str
    make: Callable[[Path], None]
    conflicts: bool = False
    alone: bool = False


def write(name: str, path: str, text: str, **facts: bool) -> Edit:
    """Add a file, or write one anew."""

    def make(root: Path) -> None:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    return Edit(name, make, **facts)


def replace(name: str, path: str, old: str, new: str, **facts: bool) -> Edit:
    """Replace lines, which must be there once."""

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
    """Add lines at a file's end."""

    def make(root: Path) -> None:
        with root.joinpath(path).open("a") as file:
            file.write(text)

    return Edit(name, make, **facts)


def rewrite(name: str, path: str, change: Callable[[str], str], **facts: bool) -> Edit:
    """Change a file's text as a whole."""

    def make(root: Path) -> None:
        file = root / path
        text = file.read_text()
        assert change(text) != text, f"{name} changes nothing in {path}"
        file.write_text(change(text))

    return Edit(name, make, **facts)


def together(name: str, *edits: Edit, **facts: bool) -> Edit:
    """Make several edits for one purpose."""

    def make(root: Path) -> None:
        for edit in edits:
            edit.make(root)

    return Edit(name, make, **facts)
