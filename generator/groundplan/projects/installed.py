"""Remove an app from INSTALLED_APPS."""

import ast

from . import sources


def without(text: str, app: str) -> str | None:
    """Return the text of settings.py without an app, or None if the list is not found.

    All other bytes stay. An empty list becomes `[]`.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    listed = _list(tree)
    if listed is None:
        return None
    lines = text.split("\n")

    def place(line: int | None, column: int | None) -> int:
        """Return the index in the text of a position of `ast`, which counts bytes."""
        row = (line or 1) - 1
        before = lines[row].encode()[: column or 0].decode()
        return sum(len(text) + 1 for text in lines[:row]) + len(before)

    names = [item.value if isinstance(item, ast.Constant) else None for item in listed.elts]
    if names.count(app) != 1:
        return text if app not in names else None
    if len(names) == 1:
        begin = place(listed.lineno, listed.col_offset)
        return f"{text[:begin]}[]{text[place(listed.end_lineno, listed.end_col_offset) :]}"
    item = listed.elts[names.index(app)]
    begin = place(item.lineno, item.col_offset)
    end = place(item.end_lineno, item.end_col_offset)
    if lines[item.lineno - 1].strip() == text[begin:end] + ",":
        return "\n".join([*lines[: item.lineno - 1], *lines[item.lineno :]])
    if names.index(app) + 1 < len(names):
        following = listed.elts[names.index(app) + 1]
        return text[:begin] + text[place(following.lineno, following.col_offset) :]
    before = listed.elts[names.index(app) - 1]
    return text[: place(before.end_lineno, before.end_col_offset)] + text[end:]


def _list(tree: ast.Module) -> ast.List | None:
    values = (sources.assigned(node, "INSTALLED_APPS") for node in ast.walk(tree))
    return next((value for value in values if isinstance(value, ast.List)), None)
