"""Records of what each command made, so that `destroy` can undo it.

An app's record is `.groundplan/apps/<app>.json`, committed with the app. It has a step for each command
that added to the app: the hashes of new files, and the lines of edited files before and after.
"""

import difflib
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import Refusal
from .plan import Action, FileChange

FOLDER = PurePosixPath(".groundplan/apps")
GONE = hashlib.sha256(b"").hexdigest()  # the new text of a removed file


@dataclass(frozen=True)
class Hunk:
    """Replaced lines. They begin at a line of the new text, counted from 0."""

    line: int
    old: str
    new: str


@dataclass(frozen=True)
class Edit:
    """The edit of an existing file: the hashes of both texts, and the lines that differ."""

    before: str
    after: str
    hunks: tuple[Hunk, ...]


@dataclass(frozen=True)
class Step:
    """The changes of one command."""

    command: str
    files: dict[str, str] = field(default_factory=dict[str, str])
    edits: dict[str, Edit] = field(default_factory=dict[str, Edit])


@dataclass(frozen=True)
class Record:
    """The changes of all commands to an app, oldest first."""

    app: str
    steps: tuple[Step, ...] = ()

    @property
    def path(self) -> PurePosixPath:
        return path_of(self.app)

    def text(self) -> str:
        """Return the text of the record's file."""
        about = "What groundplan wrote for this app. `groundplan destroy` reads it; commit it."
        body = {"about": about, "steps": [asdict(step) for step in self.steps]}
        return json.dumps(body, indent=2) + "\n"


def path_of(app: str) -> PurePosixPath:
    """Return the path of an app's record in a project."""
    return FOLDER / f"{app}.json"


def apps(root: Path) -> list[str]:
    """Return the apps that have a record."""
    return sorted(file.stem for file in (root / FOLDER).glob("*.json"))


def load(root: Path, app: str) -> Record | None:
    """Read an app's record, or return None if it has none.

    Raises:
        Refusal: it cannot be read.
    """
    file = root / path_of(app)
    try:
        body: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return Record(app, tuple(_step(step) for step in body["steps"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        problem = f"{str(file)!r} cannot be read: {error}"
        raise Refusal(problem, f"Restore it from git: git checkout -- {path_of(app)}.") from None


def step(command: str, changes: Sequence[FileChange]) -> Step:
    """Return the record's step for changes that are about to be written."""
    files: dict[str, str] = {}
    edits: dict[str, Edit] = {}
    for change in changes:
        if change.action is Action.CREATE and change.after is not None:
            files[str(change.path)] = digest(change.after)
        elif change.action in (Action.UPDATE, Action.REMOVE) and change.before is not None:
            edits[str(change.path)] = _edit(change.before, change.after or b"")
    return Step(command, files, edits)


def digest(content: bytes) -> str:
    """Return the hash of a content."""
    return hashlib.sha256(content).hexdigest()


def reverse(content: bytes, edit: Edit, *, exactly: bool = False) -> bytes | None:
    """Return a file's content without an edit, or None if the edited lines are not found.

    An unchanged file becomes what it was, byte for byte. In a file that has changed since, lines
    that occur once are replaced where they are, unless `exactly`.
    """
    if digest(content) == edit.after:
        lines = _lines(content)
        for hunk in reversed(edit.hunks):
            lines[hunk.line : hunk.line + len(_split(hunk.new))] = _split(hunk.old)
        return _bytes("".join(lines))
    if exactly:
        return None
    text = "".join(_lines(content))
    for hunk in reversed(edit.hunks):
        if not hunk.new or f"\n{text}".count(f"\n{hunk.new}") != 1:
            return None
        text = f"\n{text}".replace(f"\n{hunk.new}", f"\n{hunk.old}")[1:]
    return _bytes(text)


def _edit(before: bytes, after: bytes) -> Edit:
    old, new = _lines(before), _lines(after)
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    hunks = tuple(
        Hunk(to, "".join(old[start:end]), "".join(new[to:upto]))
        for tag, start, end, to, upto in matcher.get_opcodes()
        if tag != "equal"
    )
    return Edit(digest(before), digest(after), hunks)


def _step(body: dict[str, Any]) -> Step:
    edits = {
        path: Edit(edit["before"], edit["after"], tuple(Hunk(**hunk) for hunk in edit["hunks"]))
        for path, edit in body["edits"].items()
    }
    return Step(body["command"], dict(body["files"]), edits)


def _lines(content: bytes) -> list[str]:
    return _split(content.decode("utf-8", "surrogateescape"))


def _split(text: str) -> list[str]:
    """Split at line feeds only; `splitlines` splits at other characters too."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
