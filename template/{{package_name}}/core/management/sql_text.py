# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Writes SQLAlchemy's expressions and names as the database stores them."""

import re
from copy import copy

from sqlalchemy import ClauseElement, Constraint, Dialect, Index, literal

# A text, which databases may write with a word before it: _charset'draft', E'a\\b'
TEXT = r"(?:\b[_E]\w*)?'((?:[^']|'')*)'"
ESCAPES = {"n": "\n", "r": "\r"}
ESCAPED_TEXT = r"(?:\b_\w+)?'((?:[^'\\]|''|\\.)*)'"


def as_text(condition: ClauseElement | str, dialect: Dialect) -> str:
    """A condition as SQL, its columns without the name of their table."""
    return condition if isinstance(condition, str) else compiled(condition, dialect)


def compiled(expression: ClauseElement, dialect: Dialect) -> str:
    """An expression as SQL, each % once: SQLAlchemy doubles them for drivers that format."""
    words = {"literal_binds": True, "include_table": False}
    return str(expression.compile(dialect=unformatted(dialect), compile_kwargs=words))


def unformatted(dialect: Dialect) -> Dialect:
    """Return the same dialect for SQL that no driver formats, in which % is not doubled."""
    other = copy(dialect)
    other.paramstyle, other.positional = "named", False
    other.identifier_preparer = other.preparer(other)
    return other


def final_name(constraint: Constraint | Index, dialect: Dialect) -> str | None:
    """The name of a model's constraint or index in the database, which may cut it short."""
    quoted = dialect.identifier_preparer.format_constraint(constraint)
    if quoted is None:
        return None
    (name,) = dialect.identifier_preparer.unformat_identifiers(quoted)
    return name


def text_pattern(dialect: Dialect) -> str:
    """The pattern of a text, in which a backslash may escape a character."""
    return TEXT if compiled(literal("\\"), dialect) == r"'\'" else ESCAPED_TEXT


def texts(sql: str, dialect: Dialect) -> tuple[list[str], str]:
    """Return what the text literals of a piece of SQL stand for, and the SQL without them."""
    pattern = text_pattern(dialect)
    found: list[str] = []

    def note(match: re.Match[str]) -> str:
        text = match[1].replace("''", "'")
        backslashes = pattern == ESCAPED_TEXT or match[0].startswith("E")
        if backslashes:
            text = re.sub(r"\\(.)", lambda found: ESCAPES.get(found[1], found[1]), text)
        found.append(text)
        return ""

    rest = re.sub(pattern, note, sql, flags=re.DOTALL)
    return found, rest


def escaped(sql: str) -> str:
    """SQL whose colons are not taken for parameters by `op.execute`."""
    return re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", sql)
