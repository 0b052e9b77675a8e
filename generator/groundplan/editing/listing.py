"""Add an app to the project's INSTALLED_APPS, and change nothing else in the file."""

import ast

from ..projects import sources

NAME = "INSTALLED_APPS"


def with_app(content: bytes, app: str) -> bytes | None:
    """Return settings with an app added to the list, or None if they assign no list.

    The new name follows the last one in the form of the list: on the same line, or on a new one.
    """
    values = (sources.assigned(node, NAME) for node in ast.walk(ast.parse(content)))
    listed = next((value for value in values if isinstance(value, ast.List)), None)
    if listed is None:
        return None
    lines = content.splitlines(keepends=True)

    def offset(line: int | None, column: int | None) -> int:
        return sum(map(len, lines[: (line or 1) - 1])) + (column or 0)

    name = f'"{app}"'.encode()
    if not listed.elts:
        place = offset(listed.lineno, listed.col_offset) + 1
        return content[:place] + name + content[place:]
    last = listed.elts[-1]
    place = offset(last.end_lineno, last.end_col_offset)
    line = lines[last.lineno - 1]
    indentation = line[: last.col_offset]
    on_own_line = not indentation.strip()
    newline = b"\r\n" if line.endswith(b"\r\n") else b"\n"
    before = newline + indentation if on_own_line else b" "
    if not content[place:].lstrip().startswith(b","):
        return content[:place] + b"," + before + name + content[place:]
    place = content.index(b",", place) + 1
    if on_own_line:  # a comment may follow the comma
        end = content.find(newline, place)
        rest = content[place : end if end >= 0 else place].strip()
        place = end if end >= 0 and (not rest or rest.startswith(b"#")) else place
    return content[:place] + before + name + b"," + content[place:]
