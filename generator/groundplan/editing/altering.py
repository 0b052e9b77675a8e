"""Rename or remove a field, or rename a model: the edits of a project, and their revision."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from ..errors import Refusal
from ..fields.history import recorded
from ..fields.spec import Spec, Target
from ..git import merged_text
from ..projects import Project
from ..projects.drafts import draft
from ..resources.formatting import reformat, without_unused
from ..resources.modules import app_files
from ..resources.refusing import refuse_twice
from .code import defined
from .definitions import span_of
from .edits import Edits, keep_sorted
from .imports import Names
from .mentions import mentions
from .renaming import Renaming, rename, zipped
from .source import Source, Unsafe

Texts = dict[PurePosixPath, str]
EMPTY = "\nif TYPE_CHECKING:\n    pass\n"  # what removing the last import for types leaves
TEXTS = (".html", ".jinja", ".json", ".md", ".toml", ".txt")


@dataclass
class Alteration:
    """The edits of a project, while they are worked out.

    Attributes:
        before: the texts of the project's own Python files. texts: the same as edited so far.
        generated: what the app's files were rendered as, and would be rendered as now.
        unsafe: why files cannot be edited.
    """

    project: Project
    target: Target
    before: Texts = field(default_factory=dict[PurePosixPath, str])
    texts: Texts = field(default_factory=dict[PurePosixPath, str])
    generated: dict[PurePosixPath, tuple[str, str]] = field(
        default_factory=dict[PurePosixPath, tuple[str, str]]
    )
    unsafe: dict[PurePosixPath, str] = field(default_factory=dict[PurePosixPath, str])

    @classmethod
    def of(cls, project: Project, target: Target) -> "Alteration":
        """Read a project's own files: its apps, its tests, and the modules beside the apps."""
        one = cls(project, target)
        core = project.root / project.package / "core"
        folders = (project.root / project.package, project.root / "tests")
        for file in sorted(path for folder in folders for path in folder.rglob("*.py")):
            if core in file.parents:
                continue
            path = PurePosixPath(file.relative_to(project.root).as_posix())
            try:
                one.before[path] = file.read_bytes().decode()
            except UnicodeDecodeError:
                one.unsafe[path] = "it is not valid UTF-8"
        one.texts = dict(one.before)
        return one

    def render(self, before: Spec | None, after: Spec | None, *, with_added: bool) -> None:
        """Render the app before and after.

        Args:
            with_added: whether the specs have the fields that addfield has added.

        Raises:
            Broken: a name would have two meanings afterwards.
        """
        if before is None or after is None:
            return
        try:
            first, last = app_files(self.project, before), app_files(self.project, after)
            refuse_twice(last, first)
            pairs = zip(first.items(), last.items(), strict=True)
            for (path, old), (_, new) in pairs:
                if "versions" not in path.parts and adds_to(path) == with_added:
                    self.generated[self.present(path, old)] = old, new
        except (KeyError, ValueError):  # a model that it refers to has another name by now
            self.generated.clear()

    def present(self, path: PurePosixPath, text: str) -> PurePosixPath:
        """Return the file of a model's tests, which keeps its name if the model is renamed."""
        if path in self.texts:
            return path
        title = text.partition("\n")[0] + "\n"
        files = (one for one in self.texts if one.parent == path.parent)
        return next((one for one in files if self.texts[one].startswith(title)), path)

    def replace_generated(self) -> None:
        """Replace definitions that are as generated; the same lines of others, too."""
        for path, (old, new) in self.generated.items():
            if path in self.texts and old != new:
                self.edit(path, partial(_replace, before=old, after=new))

    def rename(self, renaming: Renaming) -> None:
        """Rename everywhere what certainly has the meaning."""
        words = {*renaming.symbols, *renaming.tables}
        words |= {name for names in renaming.attributes.values() for name in names}
        root = self.project.root
        for path, text in self.texts.items():
            if any(word in text for word in words):
                self.edit(path, partial(_rename, root=root, path=path, renaming=renaming))

    def edit(self, path: PurePosixPath, edit: Callable[[Source], None]) -> None:
        """Edit a file, unless that is not safe."""
        try:
            source = Source(self.project.root / path, self.texts[path])
            edit(source)
            self.texts[path] = source.result()
        except Unsafe as reason:
            self.unsafe[path] = str(reason)
            self.texts[path] = self.before[path]

    def lines_to_check(
        self, words: Collection[str], reason: str, classes: Collection[str] = ()
    ) -> list[str]:
        """Return the lines that may need a change by hand, as one text."""
        texts = {
            path: text
            for path, text in self.texts.items()
            if path not in self.unsafe and (self.is_own(path) or self._imports_it(path))
        }
        for file in own_files(self.project, self.target.app):
            if file.suffix in TEXTS:
                path = PurePosixPath(file.relative_to(self.project.root).as_posix())
                texts[path] = file.read_text(encoding="utf-8", errors="replace")
        known = {one for _, new in self.generated.values() for one in defined(new).values()}
        found = [*mentions(texts, words, known, classes)]
        return [f"Check these lines: {reason}.\n" + "\n".join(found)] if found else []

    def _imports_it(self, path: PurePosixPath) -> bool:
        app, model = re.escape(self.target.app), re.escape(self.target.model)
        imports = re.compile(
            rf"(?m)^\s*(from \S*\b{app}\b|import \S*\b{app}\b|from .* import .*\b{app}\b)"
        )
        text = self.before[path]
        return bool(imports.search(text)) and re.search(rf"\b{model}\b", text) is not None

    def is_own(self, path: PurePosixPath) -> bool:
        """Whether a file is one of the app's, or of its tests."""
        app = self.target.app
        return path.parts[1:3] == ("apps", app) or path.parts[:2] == ("tests", app)

    @property
    def edits(self) -> Texts:
        """The new texts, formatted and with sorted imports where they were so before."""
        root = self.project.root
        edits = {
            path: (self.before[path], text)
            for path, text in self.texts.items()
            if text != self.before[path]
        }
        after = keep_sorted(root, edits)
        old = {path: before for path, (before, _) in edits.items()}
        unused = without_unused(root, old)
        after |= without_unused(
            root, {path: after[path] for path in old if unused[path] == old[path]}
        )
        emptied = {
            path: after[path].replace(EMPTY, "")
            for path in old
            if EMPTY in after[path] and EMPTY not in old[path]
        }
        after |= without_unused(root, emptied)
        formatted = reformat(root, old)
        return after | reformat(
            root, {path: after[path] for path in old if formatted[path] == old[path]}
        )

    def specs(self, commands: Iterable[str]) -> tuple[Spec | None, Spec | None]:
        """Return what the model was generated from: without and with the fields added later."""
        commands = [*commands]
        name = self.target.model
        return recorded(commands, name), recorded(commands, name, with_added=True)


def finished(alteration: Alteration, title: str, renames: list[str], by_hand: list[str]) -> Edits:
    """Add the revision to the edits of a project.

    Raises:
        Refusal: the model cannot be edited, or the revision cannot be written.
    """
    project, target = alteration.project, alteration.target
    models = PurePosixPath(project.model(target).file.relative_to(project.root).as_posix())
    if reason := alteration.unsafe.get(models):
        raise Refusal(
            f"{models} cannot be edited: {reason}",
            "Nothing was changed. Correct that, and run the command again.",
        )
    edits = alteration.edits
    made = draft(project, edits, title, renames)
    files = {} if made.path is None else {made.path: made.text}
    unsafe = [f"{path}: {reason}." for path, reason in sorted(alteration.unsafe.items())]
    return Edits(files, edits, [*unsafe, *by_hand])


def _rename(source: Source, root: Path, path: PurePosixPath, renaming: Renaming) -> None:
    rename(source, Names(source, root), path, renaming)


def _replace(source: Source, before: str, after: str) -> None:
    """Replace definitions by those at the same place of a newer text."""
    old, new = defined(before), defined(after)
    own = defined(source.content.decode().replace("\r\n", "\n"))
    for (name, text), changed in zip(old.items(), new.values(), strict=True):
        if text == changed or name not in own:
            continue
        if "ExcludeConstraint(" in text:
            continue  # no revision renames it, so its name stays: only words are renamed
        merged = changed if own[name] == text else merged_text(text, own[name], changed)
        if merged is not None and merged != own[name]:
            source.replace(*span_of(source, name), merged)


def symbols(generated: Mapping[PurePosixPath, tuple[str, str]]) -> dict[str, str]:
    """Return the names that modules define before and after, where they differ."""
    found: dict[str, str] = {}
    for old, new in generated.values():
        found |= zipped(defined(old), defined(new))
    return found


def attributes(
    generated: Mapping[PurePosixPath, tuple[str, str]], classes: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the attributes of classes before and after, where they differ.

    Args:
        classes: new names of classes by the old ones, if they differ.
    """
    for old, new in generated.values():
        for name, text in defined(old).items():
            if text.startswith("class "):
                inner = zipped(defined(old, name), defined(new, classes.get(name, name)))
                if inner:
                    yield name, inner


def adds_to(path: PurePosixPath) -> bool:
    """Whether addfield edits a file of this name."""
    return path.name in ("models.py", "schemas.py") or path.name.endswith("_factories.py")


def own_files(project: Project, app: str) -> Iterator[Path]:
    """Yield the files of an app and of its tests, Python or not."""
    for folder in (project.apps / app, project.root / "tests" / app):
        yield from (file for file in sorted(folder.rglob("*")) if file.is_file())
