"""Python as `ruff format` leaves it: an expression on one line, or its members on one line, or on one
each with commas."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

WIDTH = 100
STRING = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
ESCAPE = re.compile(r"\\.")
DEFINITION = re.compile(r"(async )?def ")


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
    if len(members[0]) > WIDTH or _is_literal(prefix, expression):
        members = [lay("", member, ",", indent + 4) for member in expression.members]
    first = f"{' ' * indent}{prefix}{expression.head}{opening}"
    return "\n".join([first, *members, f"{' ' * indent}{closing}{suffix}"])


def _is_literal(prefix: str, expression: Call) -> bool:
    """Whether it is a list, a set or a dictionary: broken, it has a line for each member."""
    before = f"{prefix}{expression.head}"[-1:]
    return expression.brackets[0] in "[{" and not (before.isalnum() or before in ("_", ")", "]"))


def fold(text: str) -> str:
    """Break lines that are too long at the brackets that end them."""
    return "\n".join(_folded(line) for line in text.split("\n"))


def _folded(line: str) -> str:
    plain = STRING.sub(lambda string: "_" * len(string[0]), line)
    inner = line.lstrip()
    space = line[: len(line) - len(inner)]
    if len(line) <= WIDTH or inner.startswith(("#", '"""')):
        return line
    if inner.startswith('"') and " == " in plain:  # a filter
        place = plain.index(" == ")
        return f"{line[:place]}\n{space}{line[place + 1 :]}"
    if re.fullmatch(r".* = f?_+", plain):  # a text
        return _bracketed(line, plain)
    if typed := re.fullmatch(r"(\w+: )(\w+(?: \| None)?)( = \w+)?", inner):  # an attribute
        if typed[3] and " | " not in typed[2]:
            return _bracketed(line, plain)
        return f"{space}{typed[1]}(\n{space}    {typed[2]}\n{space}){typed[3] or ''}"
    if called := re.fullmatch(r"(.* = )\(.*(\)\.\w+\(\))", plain):  # what brackets give
        begin, stop = called.end(1) + 1, called.start(2)
        return f"{line[:begin]}\n{space}    {line[begin:stop]}\n{space}{line[stop:]}"
    end = plain.rindex(")") if DEFINITION.match(inner) else _closing(plain)
    if end is None:
        return line
    broken = _broken(line, plain, end)
    is_broken = len(broken.partition("\n")[0]) <= WIDTH
    return broken if is_broken or " = " not in plain else _bracketed(line, plain)


def _bracketed(line: str, plain: str) -> str:
    """Put what is assigned on a line of its own, if it fits."""
    place = plain.index(" = ") + 3
    space = line[: len(line) - len(line.lstrip())]
    alone = f"{space}    {line[place:]}"
    fits = max(place + 1, len(alone)) <= WIDTH
    return f"{line[:place]}(\n{alone}\n{space})" if fits else line


def _closing(line: str) -> int | None:
    """Return the place of the bracket that ends a line, if one does."""
    place = len(line.rstrip(",:")) - 1
    return place if line[place] in ")]}" else None


def _broken(line: str, plain: str, end: int) -> str:
    opening = _opening(plain, end)
    indent = len(line) - len(line.lstrip())
    members = tuple(_members(line[opening + 1 : end], plain[opening + 1 : end]))
    expression = Call("", members, (line[opening], line[end]))
    laid = lay(line[indent:opening], expression, line[end + 1 :], indent)
    if len(members) == 1 and DEFINITION.match(line.lstrip()):  # one alone has a comma here
        first, member, last = laid.split("\n")
        return "\n".join([first, f"{member},", last])
    return fold(laid) if laid != line else line


def _opening(line: str, end: int) -> int:
    """Return the place of the bracket that the one at `end` closes."""
    depth = 0
    for place in range(end, -1, -1):
        depth += (line[place] in ")]}") - (line[place] in "([{")
        if depth == 0:
            return place
    raise ValueError(line)


def _members(text: str, plain: str) -> Iterator[str]:
    """Split at the commas that are in no brackets; `plain` is the text without strings."""
    start = depth = 0
    for place, sign in enumerate(plain):
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "," and depth == 0:
            yield text[start:place].strip()
            start = place + 1
    if text[start:].strip():
        yield text[start:].strip()


def imports(modules: Mapping[str, Iterable[str]]) -> str:
    """Write imports of names, in the order of the modules; one that gives nothing is left out."""
    return "\n".join(_import(module, set(names)) for module, names in modules.items() if names)


def _import(module: str, names: set[str]) -> str:
    ordered = sorted(names, key=rank)
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in ordered), ")"])


def rank(name: str) -> tuple[int, list[tuple[int, str]]]:
    """Return what imported names are sorted by: constants, classes, functions."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
    parts = re.findall(r"\d+|\D+", name.lower())
    return kind, [(int(part), "") if part.isdigit() else (10**9, part) for part in parts]


def quote(text: str) -> str:
    """Write a text as a literal."""
    if "\\" in text and '"' not in text and text.isprintable() and text[-1] != "\\":
        return f'r"{text}"'
    body = ESCAPE.sub(_bare, repr(f'{text}"')[1:-2])  # with a double quote, repr takes single ones
    mark = '"' if text.count('"') <= text.count("'") else "'"
    return mark + body.replace(mark, f"\\{mark}") + mark


def _bare(escape: re.Match[str]) -> str:
    return "'" if escape[0] == "\\'" else escape[0]
