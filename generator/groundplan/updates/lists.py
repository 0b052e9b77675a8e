"""Merge lists that have one item a line.

For git, changes on neighbouring lines conflict. In a list, such as the dependencies in
pyproject.toml, neighbours are independent: each item is merged on its own, and only an item that
both sides changed is in conflict. The same holds for settings of one line.
"""

import re
import tomllib
from itertools import chain
from pathlib import PurePosixPath

ITEM = r"""\s+(?P<item>"[^"]*"|'[^']*'|\{.*\}),(\s+\#.*)?"""  # of an array
SETTING = r"""(?P<setting>[\w-]+)\ =\ .*[^\[{(\s]"""  # whole on its line
REQUIREMENT = re.compile(r"""["']([A-Za-z0-9][A-Za-z0-9._-]*)""")
PATTERN = re.compile(r"(?P<item>[^#\s].*)")
TOML = re.compile(f"{ITEM}|{SETTING}", re.VERBOSE)
KNOWN = {".dockerignore": PATTERN, ".gitignore": PATTERN, "pyproject.toml": TOML}

HUNK = re.compile(
    r"(?m)^<{7} .*\n(?P<ours>(?:.*\n)*?)\|{7}.*\n(?P<base>(?:.*\n)*?)"
    r"={7}\n(?P<theirs>(?:.*\n)*?)>{7} .*\n"
)


def has_items(path: str) -> bool:
    """Return whether a file has lists that `settle` can merge."""
    return PurePosixPath(path).name in KNOWN


def settle(path: str, text: str) -> str | None:
    """Resolve the conflicts between neighbours in a list.

    Args:
        path: the file.
        text: its text, with conflict markers that include the base.

    Returns:
        The text without conflicts, or None if a conflict remains.
    """
    name = PurePosixPath(path).name
    pattern = KNOWN[name]

    def settled(hunk: re.Match[str]) -> str:
        sides = (_items(hunk[side], pattern) for side in ("base", "ours", "theirs"))
        base, ours, theirs = sides
        if base is None or ours is None or theirs is None:
            return hunk[0]
        merged = _merge(base, ours, theirs)
        return hunk[0] if merged is None else "".join(merged.values())

    text = HUNK.sub(settled, text)
    if re.search(r"(?m)^(<{7}|>{7}) ", text):
        return None
    return text if name != "pyproject.toml" or _is_toml(text) else None


def _items(lines: str, pattern: re.Pattern[str]) -> dict[str, str] | None:
    """Return lines by the keys of their items, or None if a line is not an item or a key is twice."""
    found: dict[str, str] = {}
    for line in lines.splitlines(keepends=True):
        match = pattern.fullmatch(line.rstrip("\n"))
        if match is None:
            return None
        key = _key(match.groupdict())
        if key in found:
            return None
        found[key] = line
    return found


def _key(match: dict[str, str | None]) -> str:
    """Return a setting's name, a requirement's distribution, or the item itself."""
    item = match["item"]
    if item is None:
        return f"{match['setting']} ="
    named = REQUIREMENT.match(item)
    return named[1].lower() if named else item


def _merge(
    base: dict[str, str], ours: dict[str, str], theirs: dict[str, str]
) -> dict[str, str] | None:
    """Merge item by item: theirs in their order, and our new ones after their predecessors."""
    merged: dict[str, str] = {}
    for key in chain(theirs, ours):
        was, mine, new = base.get(key), ours.get(key), theirs.get(key)
        chosen = new if mine == was else mine
        if mine != was and new not in (was, mine):
            return None
        if chosen is not None:
            merged[key] = chosen
    order = [key for key in theirs if key in merged]
    previous: str | None = None
    for key in ours:
        if key in merged and key not in order:
            order.insert(order.index(previous) + 1 if previous is not None else 0, key)
        if key in order:
            previous = key
    return {key: merged[key] for key in order}


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True
