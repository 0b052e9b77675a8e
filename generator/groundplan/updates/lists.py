"""Lists of one item a line, merged as lists.

Git takes two changes on neighbouring lines for a conflict. Where the lines are the items of a list,
such as pyproject.toml's dependencies, or settings that each have a line, neighbours have nothing to
do with each other: each is merged by itself, and only one that both sides changed is in conflict.
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
    """Tell whether a file is one whose lists are known."""
    return PurePosixPath(path).name in KNOWN


def settle(path: str, text: str) -> str | None:
    """Settle the conflicts of a file that are between neighbours in a list.

    Args:
        path: the file.
        text: what it holds: conflicts are marked, and show their base.

    Returns:
        The text without conflicts; None where there is one that a person must look at.
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
    """Return lines by what identifies their items; None where one is none, or is there twice."""
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
    """Return a setting's name, a requirement's distribution, or the item as it is."""
    item = match["item"]
    if item is None:
        return f"{match['setting']} ="
    named = REQUIREMENT.match(item)
    return named[1].lower() if named else item


def _merge(
    base: dict[str, str], ours: dict[str, str], theirs: dict[str, str]
) -> dict[str, str] | None:
    """Merge item by item: theirs in their order, and ours that are new after their predecessors."""
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
