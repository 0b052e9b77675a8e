# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Reads the SQL of a table for what SQLAlchemy does not read: collations, and whole expressions.

SQLAlchemy reads the expression of a computed column up to the end of the line, and none if the column's
type has a comma.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

TOKEN = re.compile(
    r"""--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|\w+|\S""", re.DOTALL
)
QUOTES = '"`['


def collations(sql: str) -> dict[str, str]:
    """Return the collations of a table's columns."""
    words = ((column, depth, token[0]) for column, depth, token in in_columns(sql))
    return {
        column: bare(after)
        for (column, depth, word), (_, _, after) in pairwise(words)
        if depth == 1 and word.upper() == "COLLATE"
    }


def expressions(sql: str) -> dict[str, str]:
    """Return the expressions of a table's computed columns."""
    start, found = 0, dict[str, str]()
    for (_, _, before), (column, depth, token) in pairwise(in_columns(sql)):
        if depth == 2 and token[0] == "(" and before[0].upper() == "AS":
            start = token.end()
        elif depth == 1 and token[0] == ")" and start:
            found[column], start = sql[start : token.start()], 0
    return found


def in_columns(sql: str) -> Iterator[tuple[str, int, re.Match[str]]]:
    """Yield the tokens of a CREATE TABLE, each with its column and the number of open brackets."""
    depth, column, begins = 0, "", False
    for token in TOKEN.finditer(sql):
        if not token[0].startswith(("--", "/*")):
            depth += (token[0] == "(") - (token[0] == ")")
            column = bare(token[0]) if begins else column
            begins = depth == 1 and token[0] in "(,"
            yield column, depth, token


def tokens(sql: str) -> list[str]:
    """Return names, words and signs, without comments and texts."""
    return [token for token in TOKEN.findall(sql) if not token.startswith(("--", "/*", "'"))]


def bare(token: str) -> str:
    """Return a name without its quotes."""
    return token if token[0] not in QUOTES else token[1:-1].replace(token[-1] * 2, token[-1])
