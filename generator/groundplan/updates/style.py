"""Give the template's files the style of the owner's: line endings, and the formatter's settings.

A merge compares lines. In a file with CRLF line endings, or one that was reformatted with another
line length, each change of the template would conflict.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from ..errors import Refusal
from ..git import Git
from ..resources.formatting import reformat

Texts = dict[str, str]  # by paths; bytes outside of UTF-8 as surrogates


def adopt(root: Path, git: Git, *, base: str, ours: str, theirs: str) -> tuple[str, str]:
    """Return the template's trees in the style of the owner's.

    Args:
        root: the service, whose configuration ruff reads.
        git: the repository that has the trees.
        base: the template before the update.
        ours: the service.
        theirs: the template after the update.
    """
    edited, changed = _paths(git, base, ours, "M"), _paths(git, base, theirs, "AM")
    if not edited:
        return base, theirs
    mine, old = _texts(git, ours, edited), _texts(git, base, edited)
    new = _texts(git, theirs, changed | edited - _paths(git, base, theirs, "D"))
    crlf = {path for path, text in mine.items() if 0 < text.count("\n") == text.count("\r\n")}
    old, new = _with_crlf(old, crlf), _with_crlf(new, crlf)
    formatted = _formatted(root, old)
    restyled = {
        path
        for path, text in _formatted(root, {path: mine[path] for path in formatted}).items()
        if mine[path] == text and formatted[path] != old[path]
    }
    if restyled:
        old |= {path: formatted[path] for path in restyled}
        new |= _formatted(
            root, {path: new[path] for path in new if path in restyled or path not in edited}
        )
    return _rewritten(git, base, old), _rewritten(git, theirs, new)


def _paths(git: Git, one: str, other: str, status: str) -> set[str]:
    options = ("-r", "-z", "--no-renames", "--name-only", f"--diff-filter={status}")
    return set(filter(None, git.lines("diff-tree", *options, one, other)))


def _texts(git: Git, tree: str, paths: Iterable[str]) -> Texts:
    shown = {path: git.run("cat-file", "blob", f"{tree}:{path}").stdout for path in sorted(paths)}
    return {path: os.fsdecode(text) for path, text in shown.items()}


def _with_crlf(texts: Texts, paths: set[str]) -> Texts:
    return {
        path: text.replace("\r\n", "\n").replace("\n", "\r\n") if path in paths else text
        for path, text in texts.items()
    }


def _formatted(root: Path, texts: Texts) -> Texts:
    """Return the Python files as the project's formatter writes them; none if one cannot be parsed."""
    python = {PurePosixPath(path): text for path, text in texts.items() if path.endswith(".py")}
    try:
        return {str(path): text for path, text in reformat(root, python).items()}
    except (Refusal, UnicodeError):
        return {}


def _rewritten(git: Git, tree: str, texts: Mapping[str, str]) -> str:
    """Return a tree with other texts of existing files."""
    index = git.with_index(git.folder / ".git/groundplan-style")
    index("read-tree", tree)
    entries = (line.partition("\t") for line in git.lines("ls-tree", "-r", "-z", tree))
    modes = {path: facts.split()[0] for facts, _, path in entries if path}
    for path, text in texts.items():
        blob = git("hash-object", "-w", "--stdin", stdin=text)
        index("update-index", "--cacheinfo", f"{modes[path]},{blob},{path}")
    return index("write-tree")
