"""Replace generated definitions, such as a route, in files that their owner may have edited."""

import ast
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..git import merged_text
from ..resources.formatting import without_unused
from .code import defined, first_line, imported, name_defined, used
from .imports import Names
from .merging import BLOCKS
from .source import NEWLINE, Source


@dataclass(frozen=True)
class Generated:
    """What a file was rendered as, and what it would be rendered as now.

    Attributes:
        kept: the names of definitions that are edited in another way.
        merges: whether definitions that their owner has edited are merged, line by line.
        ordered: whether new definitions go above those that they precede, not to the end.
    """

    before: str
    after: str
    kept: frozenset[str] = frozenset()
    merges: bool = False
    ordered: bool = False

    @property
    def changed(self) -> dict[str, str]:
        """The definitions that differ, with their new texts."""
        old = defined(self.before)
        new = defined(self.after)
        return {
            name: text
            for name, text in new.items()
            if name not in self.kept and text != old.get(name)
        }

    def needed(self, own: Collection[str]) -> dict[str, str]:
        """Return unchanged definitions that the changed ones use, and the file lacks.

        A factory of a field that `addfield` has added needs none of the functions that make rows.
        """
        new, found = defined(self.after), dict[str, str]()
        waiting = [*self.changed.values()]
        while waiting:
            for name in sorted(used(waiting.pop()) & new.keys()):
                if name not in own and name not in found and name not in self.changed:
                    found[name] = new[name]
                    waiting.append(new[name])
        return found

    def merged(self, name: str, own: str | None) -> str | None:
        """Return an edited definition with the changes; None if both changed the same lines."""
        old = defined(self.before).get(name)
        if not self.merges or own is None or old is None:
            return None
        new = self.changed[name]
        return merged_text(old, own, new) or with_attributes(own, old, new)

    def below(self, name: str, own: Collection[str]) -> str | None:
        """Return the existing definition above which a new one goes."""
        order = [*defined(self.after)]
        following = order[order.index(name) + 1 :] if self.ordered else []
        return next((one for one in following if one in own), None)

    @property
    def removed(self) -> set[str]:
        return defined(self.before).keys() - defined(self.after).keys()


@dataclass
class Replaced:
    """The result of replacing definitions.

    Attributes:
        text: the file's new text; None if nothing was replaced.
        by_hand: the definitions that their owner has edited, with their new texts.
    """

    text: str | None = None
    by_hand: dict[str, str] = field(default_factory=dict[str, str])


def with_attributes(own: str, old: str, new: str) -> str | None:
    """Return an edited class with the attributes that its generated text gets.

    Each goes below the attribute that precedes it there, wherever the owner has that one.

    Args:
        own, old, new: the class as edited, as generated, and as generated now.

    Returns:
        None if the new text differs from the old one in more than new attributes.
    """
    name = name_defined(ast.parse(new).body[0])
    if not new.startswith("class ") or name is None:
        return None
    there, after = defined(own, name), defined(new, name)
    added = {one: text for one, text in after.items() if one not in defined(old, name)}
    rest = new
    for text in added.values():
        rest = rest.replace(f"\n{text}", "", 1)
    if rest.split() != old.split() or there.keys() & added.keys():
        return None
    order = [*after]
    for one, text in added.items():
        above = next((o for o in reversed(order[: order.index(one)]) if o in there), None)
        if above is None or not there[above].startswith("    "):
            return None
        gap = "\n" if f"\n\n{text}" in new else ""
        below = f"\n{there[above]}\n"
        own = f"\n{own}\n".replace(below, f"{below}{gap}{text}\n", 1)[1:-1]
        there[one] = text
    return own


def replace_definitions(
    root: Path, path: PurePosixPath, text: str, generated: Generated
) -> Replaced:
    """Replace the definitions of a file that are still as generated, and append new ones.

    Args:
        root: the project's folder.
        text: the file's text, which may be newer than the file.

    Raises:
        Unsafe: the file cannot be edited safely.
    """
    if text == generated.before and not generated.kept:
        return Replaced(generated.after)
    source = Source(root / path, text)
    own = {name: _lf(one) for name, one in defined(_lf(source.content.decode())).items()}
    old = defined(generated.before)
    result = Replaced()
    needed = generated.needed(own) if generated.merges else {}
    written: list[str] = []
    for name, new in {**generated.changed, **needed}.items():
        if own.get(name) == new:
            continue
        is_new = name not in own and (name not in old or name in needed)
        if name in old and own.get(name) == old[name]:
            source.replace(*span_of(source, name), new)
        elif is_new and (below := generated.below(name, own)):
            start, _ = span_of(source, below)
            source.insert(source.above_comments(start), f"{new}\n\n\n")
        elif is_new:
            end = source.content.rstrip()
            gap = "\n\n\n" if new.startswith(BLOCKS) else "\n\n"
            source.insert(len(end), f"{gap}{new}")
        else:
            merged = generated.merged(name, own.get(name))
            if merged is None:
                result.by_hand[name] = new
                continue
            new = merged
            source.replace(*span_of(source, name), new)
        written.append(new)
    for name in generated.removed:
        if own.get(name) == old[name] and name not in _uses(own, generated):
            first, last = span_of(source, name)
            is_block = old[name].startswith(BLOCKS)
            if is_block:  # the empty lines above go too
                first = len(source.content[:first].rstrip())
            source.replace(first, source.line_end(last) + 1, "\n" if is_block else "")
    if source.is_edited:
        names = Names(source, root)
        origins = imported(generated.after, names.folder)
        text = "\n".join(written)
        names.need(used(text) | set(re.findall(r'\bcast\("(\w+)"', text)), origins)
        names.apply()
        result.text = _trimmed(root, path, source)
    return result


def _uses(own: dict[str, str], generated: Generated) -> set[str]:
    """Return the names that the file's own definitions use, once it is edited."""
    kept = {name: text for name, text in own.items() if name not in generated.removed}
    found = used("\n".join({**kept, **generated.changed}.values()))
    while further := {name: own[name] for name in found & own.keys() - kept.keys()}:
        kept |= further  # what a removed definition uses stays with it
        found |= used("\n".join(further.values()))
    return found


def span_of(source: Source, name: str) -> tuple[int, int]:
    """Return where the lines of a definition begin and end."""
    node = next(node for node in source.tree.body if name_defined(node) == name)
    starts = [0, *(found.end() for found in NEWLINE.finditer(source.content))]
    last = starts[(node.end_lineno or 1) - 1]
    return starts[first_line(node) - 1], source.line_end(last)


def _trimmed(root: Path, path: PurePosixPath, source: Source) -> str:
    """Return the new text without the imports that only replaced definitions used."""
    result = source.result()
    before = without_unused(root, {path: source.original})
    return without_unused(root, {path: result})[path] if before[path] == source.original else result


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n")
