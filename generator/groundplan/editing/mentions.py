"""Places that may mean a changed field or model, and that only a person can judge."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

from .code import defined


def mentions(
    texts: Mapping[PurePosixPath, str],
    words: Collection[str],
    known: Collection[str],
    classes: Collection[str] = (),
) -> Iterator[str]:
    """Yield `file:line: the line` for each line that mentions a word.

    Args:
        texts: the new texts of the files to search.
        words: attributes, keys and parameters.
        known: the texts of definitions that are as generated, and so need no change.
        classes: the classes whose attributes are meant, too.
    """
    for path, text in sorted(texts.items()):
        lines = text.splitlines()
        found = _python(text, words, known, classes) if path.suffix == ".py" else None
        if found is None:
            said = re.compile(rf"\b({'|'.join(map(re.escape, words))})\b")
            found = {number for number, line in enumerate(lines, 1) if said.search(line)}
        for number in sorted(found):
            yield f"{path}:{number}: {lines[number - 1].strip()}"


def _python(
    text: str, words: Collection[str], known: Collection[str], classes: Collection[str]
) -> set[int] | None:
    """Return the lines that use a word, outside of classes' own attributes."""
    try:
        tree = ast.parse(text)
        own = defined(text.replace("\r\n", "\n"))
    except (SyntaxError, ValueError):
        return None
    found: set[int] = set()
    for node in tree.body:
        name = getattr(node, "name", None) or _assigned(node)
        if name is not None and own.get(name) in known:
            continue
        inner = _constraints(node, words)
        nodes = (one for one in ast.walk(node) if one not in inner)
        found |= {line for one in nodes if (line := _line(one, words, classes))}
    return found


def _constraints(node: ast.stmt, words: Collection[str]) -> set[ast.AST]:
    """Return the constraints of a class that has columns of these names itself: it means those."""
    body = node.body if isinstance(node, ast.ClassDef) else []
    if not {_assigned(one) for one in body} & {*words}:
        return set()
    args = (one for one in body if _assigned(one) == "__table_args__")
    return {part for one in args for part in ast.walk(one)}


def _assigned(node: ast.stmt) -> str | None:
    match node:
        case ast.Assign([ast.Name(name)]) | ast.AnnAssign(ast.Name(name)):
            return name
        case _:
            return None


def _line(node: ast.AST, words: Collection[str], classes: Collection[str]) -> int | None:
    match node:
        case ast.Attribute(value=ast.Name(name), attr=word) if word in words:
            return None if name[:1].isupper() and name not in classes else node.end_lineno
        case ast.Attribute(attr=word) if word in words:
            return node.end_lineno
        case ast.keyword(arg=word) if word in words:
            return node.lineno
        case ast.Constant(value=str(text)) if text.removeprefix("-") in words:
            return node.lineno
        case _:
            return None
