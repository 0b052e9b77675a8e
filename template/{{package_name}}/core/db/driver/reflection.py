# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Reads what SQLAlchemy does not read of SQLite's tables.

It reads the expression of a computed column only if its type has no comma, and an expression or the
condition of an index only up to the end of the line. Importing this module corrects both.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

STORED = (
    "SELECT sql FROM (SELECT * FROM sqlite_master UNION ALL SELECT * FROM sqlite_temp_master) "
    "WHERE type IN ('table', 'index') AND name = ? COLLATE NOCASE"
)
TOKEN = re.compile(
    r"""--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|\w+|\S""", re.DOTALL
)
CONDITION = re.compile(r"\)\s+where\s+(.+)", re.DOTALL | re.IGNORECASE)
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


def get_columns(
    dialect: Any, connection: Connection, table_name: str, *rest: Any, **kw: Any
) -> Any:
    found = reflect_columns(dialect, connection, table_name, *rest, **kw)
    computed = [column for column in found if "computed" in column]
    if computed:
        read = expressions(connection.exec_driver_sql(STORED, (table_name,)).scalar() or "")
        for column in computed:
            column["computed"]["sqltext"] = read.get(column["name"], "")
    return found


def get_indexes(dialect: Any, connection: Connection, *rest: Any, **kw: Any) -> Any:
    found = reflect_indexes(dialect, connection, *rest, **kw)
    for index in found:
        if "sqlite_where" in index["dialect_options"]:
            sql = connection.exec_driver_sql(STORED, (index["name"],)).scalar() or ""
            for condition in CONDITION.findall(sql):
                index["dialect_options"]["sqlite_where"] = text(condition)
    return found


DIALECT: Any = SQLiteDialect
reflect_columns, DIALECT.get_columns = DIALECT.get_columns, get_columns
reflect_indexes, DIALECT.get_indexes = DIALECT.get_indexes, get_indexes
