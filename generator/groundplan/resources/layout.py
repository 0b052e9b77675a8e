"""Python as `ruff format` leaves it: an expression on one line, or its members on one line, or on one
each with commas."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

WIDTH = 100


@dataclass(frozen=True)
class Call:
    """Brackets with members: a call, a subscript or a list."""

    head: str
    members: "tuple[Expression, ...]"
    brackets: tuple[str, str] = ("(", ")")


Expression = str | Call


def call(head: str, *members: Expression) -> Call:
    return Call(head, members)


def flat(expression: Expression) -> str:
    """Write an expression on one line."""
    if isinstance(expression, str):
        return expression
    opening, closing = expression.brackets
    return f"{expression.head}{opening}{', '.join(map(flat, expression.members))}{closing}"


def lay(prefix: str, expression: Expression, suffix: str = "", indent: int = 0) -> str:
    """Write an expression on as many lines as it needs.

    Args:
        prefix, suffix: what stands before and behind it, on its first and its last line.
        indent: how far in its first line begins.
    """
    line = f"{' ' * indent}{prefix}{flat(expression)}{suffix}"
    if len(line) <= WIDTH or isinstance(expression, str) or not expression.members:
        return line
    opening, closing = expression.brackets
    members = [f"{' ' * (indent + 4)}{', '.join(map(flat, expression.members))}"]
    if len(members[0]) > WIDTH:
        members = [lay("", member, ",", indent + 4) for member in expression.members]
    first = f"{' ' * indent}{prefix}{expression.head}{opening}"
    return "\n".join([first, *members, f"{' ' * indent}{closing}{suffix}"])


def imports(modules: Mapping[str, Iterable[str]]) -> str:
    """Write imports of names, in the order of the modules; one that gives nothing is left out."""
    return "\n".join(_import(module, set(names)) for module, names in modules.items() if names)


def _import(module: str, names: set[str]) -> str:
    ordered = sorted(names, key=_rank)
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in ordered), ")"])


def _rank(name: str) -> tuple[int, list[tuple[int, str]]]:
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
    parts = re.findall(r"\d+|\D+", name.lower())
    return kind, [(int(part), "") if part.isdigit() else (10**9, part) for part in parts]


def quote(text: str) -> str:
    """Write a text as a literal."""
    if "\\" in text and '"' not in text and not text.endswith("\\"):
        return f'r"{text}"'
    literal = repr(text)
    if literal.startswith("'") and '"' not in text:
        return f'"{literal[1:-1]}"'
    return literal
