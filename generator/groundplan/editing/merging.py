"""Models for an existing app: what is rendered for them is appended to the app's files."""

import ast
import re
from pathlib import PurePosixPath

import libcst as cst

from ..projects import Project
from .code import absolute, name_defined
from .imports import Names
from .source import Source, Unsafe

# What the modules of an app define once, whatever its models.
SHARED = frozenset(
    {
        "Found",
        "VALUES",
        "each_once",
        "fit_checks",
        "from_base64",
        "greater",
        "is_distinct",
        "is_in_period",
        "is_needed",
        "key_of_user",
        "Containing",
        "STOPWORDS",
        "Keys",
        "SearchText",
        "json_object",
        "search_words",
        "Linked",
        "ROWS",
        "make_row",
        "new_slug",
        "permit",
        "router",
        "to_base64",
        "value_of",
    }
)


def merge(
    project: Project, files: dict[PurePosixPath, str], name: str
) -> tuple[dict[PurePosixPath, str], dict[PurePosixPath, tuple[str, str]], list[str]]:
    """Divide what is rendered for an existing app into new files and edits.

    Args:
        name: the name of the new file, without its suffix, if the app's routes are a folder.

    Returns:
        New files; the texts of existing files before and after; what to do by hand.
    """
    new: dict[PurePosixPath, str] = {}
    edits: dict[PurePosixPath, tuple[str, str]] = {}
    by_hand: list[str] = []
    for path, text in files.items():
        file = project.root / path
        if path.name == "__init__.py" and file.exists():
            continue
        folder = path.with_suffix("")
        if (project.root / folder).is_dir():
            deeper = re.sub(r"(?m)^from \.", "from ..", text)
            if path.name == "routes.py":
                new[folder / f"{name}.py"] = deeper
                listed = f"import {name}, and add {name}.router to routers"
                by_hand.append(f"{folder}/__init__.py: {listed}.")
            else:
                by_hand.append(f"{folder}/ is a folder. Add a file to it:\n{deeper}")
        elif not file.exists() or path.name.startswith("test_"):
            new[path] = text
        else:
            try:
                edits[path] = _with(project, path, text)
            except Unsafe as reason:
                by_hand.append(f"{path}: {reason}. Add to it:\n{text}")
    return new, edits, by_hand


def _with(project: Project, path: PurePosixPath, text: str) -> tuple[str, str]:
    """Return the text of a file, and the same with what a rendered one defines.

    Raises:
        Unsafe: the file defines one of the names already.
    """
    source = Source(project.root / path)
    names = Names(source, project.root)
    tree = ast.parse(text)
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            module = absolute("." * node.level + (node.module or ""), names.folder)
            names.need((one.name for one in node.names), {one.name: module for one in node.names})
    added = _definitions(tree, text, set(names.bound))
    if added:
        content = source.content
        ended = not content or content.endswith((b"\n", b"\r"))
        gap = "\n\n" if _is_block(source.module) or added.startswith(BLOCKS) else "\n"
        source.insert(len(content), gap + added + "\n" if ended else f"\n{gap}{added}")
    names.apply()
    return source.original, source.result()


BLOCKS = ("class ", "def ", "async def ", "@")


def _is_block(module: cst.Module) -> bool:
    """Whether a module ends with a class or a function."""
    return bool(module.body) and not isinstance(module.body[-1], cst.SimpleStatementLine)


def _definitions(tree: ast.Module, text: str, there: set[str]) -> str:
    """Return what a module defines, without imports and shared definitions that exist already."""
    lines = text.split("\n")
    parts: list[str] = []
    end = 0
    for number, node in enumerate(tree.body):
        start, end = end, node.end_lineno or 0
        if isinstance(node, ast.Import | ast.ImportFrom) or (
            number == 0 and isinstance(node, ast.Expr)
        ):
            continue
        name = name_defined(node)
        if name is not None and name in there:
            if name in SHARED or name.startswith(("own_", "with_")):
                continue
            raise Unsafe(f"this file already defines {name}")
        parts += lines[start:end]
    return "\n".join(parts).strip("\n")
