"""Insert lines into a class: behind those of their kind, in the indentation of the class."""

import ast
from collections.abc import Iterable

import libcst as cst
import libcst.matchers as m

from .code import used
from .source import NEWLINE, Source, Unsafe, statements

COLUMN = m.AnnAssign(
    target=m.Name(),
    annotation=m.Annotation(
        m.Subscript(value=m.Name("Mapped") | m.Attribute(attr=m.Name("Mapped")))
    ),
)
VALUE = m.Call(
    func=m.Name("mapped_column") | m.Attribute(attr=m.Name("mapped_column")) | m.Name("Column")
)
RELATIONSHIP = m.Call(func=m.Name("relationship") | m.Attribute(attr=m.Name("relationship")))
STAMPS = ("created_at", "updated_at", "version")


def class_of(source: Source, name: str) -> cst.ClassDef:
    """Return a class of a module.

    Raises:
        Unsafe: the module has no class of this name, or several.
    """
    found = [
        node
        for node in source.module.body
        if isinstance(node, cst.ClassDef) and node.name.value == name
    ]
    if len(found) != 1:
        raise Unsafe(
            f"class {name} is defined {len(found)} times"
            if found
            else f"class {name} does not exist"
        )
    return found[0]


def defining(source: Source, node: cst.ClassDef, name: str) -> cst.ClassDef:
    """Return the base in the same module that gives a class an attribute, or the class itself."""
    waiting = [node]
    while waiting:
        one = waiting.pop(0)
        if name in {assigned(line) for line in statements(one.body, source)}:
            return one
        bases = (base.value for base in one.bases)
        named = (source.classes().get(base.value) for base in bases if isinstance(base, cst.Name))
        waiting += [base for base in named if base is not None]
    return node


def add_columns(
    source: Source, node: cst.ClassDef, columns: list[str], relationships: list[str]
) -> None:
    """Insert columns after the last one, and relationships after the last relationship.

    Raises:
        Unsafe: the class is mapped by `__table__`.
    """
    lines = [*statements(node.body, source)]
    for line in lines:
        if assigned(line) == "__table__":
            raise Unsafe(f"class {node.name.value} is mapped by __table__")
    related = [line for line in lines if m.matches(_value(line), RELATIONSHIP)]
    mapped = [line for line in lines if line not in related and _is_column(line)]
    text = indented("\n".join(columns), node, source)
    if mapped and columns:
        source.insert_below(source.end(mapped[-1].body[-1]), text)
    elif columns:
        _insert_first(source, node, text, skip="__table_args__")
    if not relationships:
        return
    text = indented("\n".join(relationships), node, source)
    if not related:
        text = f"\n{text}"
    if mapped or related:
        last = max((*mapped, *related), key=source.end)
        if last not in related and related:
            text = f"\n{text}"
        source.insert_below(source.end(last.body[-1]), text)
    else:
        _insert_first(source, node, text.lstrip("\n"), skip="__table_args__")


def add_attributes(
    source: Source, node: cst.ClassDef, text: str, *, above: Iterable[str] = ()
) -> None:
    """Insert attributes after those of a class.

    Args:
        above: the names of attributes that stay last.

    Raises:
        Unsafe: an attribute of the class hides a name that they use.
    """
    lines = [line for line in statements(node.body, source) if assigned(line) is not None]
    hidden = used(f"class _:\n{text}") & {assigned(line) for line in lines}
    if hidden:
        names = ", ".join(sorted(filter(None, hidden)))
        raise Unsafe(f"an attribute of the class hides {names}")
    while lines and (assigned(lines[-1]) or "") in above:
        lines.pop()
    text = indented(text, node, source)
    if lines:
        source.insert_below(source.end(lines[-1].body[-1]), text)
    else:
        _insert_first(source, node, text)


def members(statement: str) -> list[str]:
    """Return the members of a tuple that a formatted attribute assigns, without indentation."""
    text = f"class _:\n{statement}"
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.ClassDef)
    assigned = node.body[0]
    assert isinstance(assigned, ast.Assign)
    assert isinstance(assigned.value, ast.Tuple)
    found = (ast.get_source_segment(text, member) or "" for member in assigned.value.elts)
    return [member.replace("\n        ", "\n") for member in found]


def add_checks(source: Source, node: cst.ClassDef, statement: str, checks: list[str]) -> None:
    """Add constraints to a class's `__table_args__`.

    Args:
        statement: the whole assignment, for a class that has none.
        checks: the constraints alone.

    Raises:
        Unsafe: its value is not a literal tuple.
    """
    lines = [*statements(node.body, source)]
    args = next((line for line in lines if assigned(line) == "__table_args__"), None)
    if args is None:
        if any(
            isinstance(one, cst.FunctionDef) and one.name.value == "__table_args__"
            for one in node.body.body
        ):
            raise Unsafe("a function computes its __table_args__")
        _insert_first(source, node, indented(statement, node, source) + "\n")
        return
    value = _value(args)
    if not isinstance(value, cst.Tuple) or not value.lpar:
        raise Unsafe("its __table_args__ is not a literal tuple")
    _extend_tuple(source, node, args, checks)


def _extend_tuple(
    source: Source, node: cst.ClassDef, line: cst.SimpleStatementLine, checks: list[str]
) -> None:
    """Add members to a tuple, before the options that may be its last member."""
    value = _value(line)
    assert isinstance(value, cst.Tuple)
    elements = [*value.elements]
    options = elements.pop() if elements and isinstance(elements[-1].value, cst.Dict) else None
    if not elements:
        raise Unsafe("its __table_args__ contains no constraint")
    inner = indented("        ", node, source)
    written = [f"{check},".replace("\n", f"\n{inner}") for check in checks]
    if not NEWLINE.search(source.text(line).encode()):
        every = [f"{source.text(one.value)}," for one in elements] + written
        every += [f"{source.text(options.value)},"] if options is not None else []
        body = "".join(f"\n{inner}{one}" for one in every)
        closing = indented("    ", node, source)
        source.replace(source.start(value), source.end(value), f"{body}\n{closing}")
        return
    last = elements[-1]
    stop = source.end(last.value)
    if not isinstance(last.comma, cst.Comma):
        source.insert(stop, "".join(f",\n{inner}{one[:-1]}" for one in written))
        return
    stop = source.content.index(b",", stop) + 1
    rest = source.content[stop : source.line_end(stop)].strip()
    if rest and not rest.startswith(b"#"):
        source.insert(stop, "".join(f" {one}" for one in written))
    else:
        source.insert_below(stop, "\n".join(f"{inner}{one}" for one in written))


def add_above(source: Source, node: cst.ClassDef, text: str) -> None:
    """Insert definitions above a class, with empty lines between."""
    source.insert(source.above_comments(source.top(node)), f"{text}\n\n\n")


def add_aliases(source: Source, node: cst.ClassDef, text: str) -> None:
    """Insert type aliases after the last one above a class."""
    last: cst.SimpleStatementLine | None = None
    for line in source.module.body:
        if line is node:
            break
        if isinstance(line, cst.SimpleStatementLine) and (name := assigned(line)):
            last = None if name.startswith("__") else line
    if last is None:
        add_above(source, node, text)
    else:
        source.insert_below(source.end(last.body[-1]), text)


def assigned(line: cst.SimpleStatementLine) -> str | None:
    """Return the name that a line assigns or annotates."""
    match line.body[-1]:
        case cst.AnnAssign(target=cst.Name(name)):
            return name
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(name))]):
            return name
        case _:
            return None


def indented(text: str, node: cst.ClassDef, source: Source) -> str:
    """Convert lines indented by four spaces to the indentation of a class."""
    body = node.body
    own = body.indent if isinstance(body, cst.IndentedBlock) else None
    unit = own or source.module.default_indent
    lines = text.split("\n")
    depths = [(len(line) - len(line.lstrip(" "))) // 4 for line in lines]
    return "\n".join(
        unit * depth + line[4 * depth :] for depth, line in zip(depths, lines, strict=True)
    )


def _value(line: cst.SimpleStatementLine) -> cst.CSTNode:
    """Return the value that a line assigns, or the statement itself if it assigns none."""
    last = line.body[-1]
    return (last.value if isinstance(last, cst.AnnAssign | cst.Assign) else None) or last


def _is_column(line: cst.SimpleStatementLine) -> bool:
    return m.matches(line.body[-1], COLUMN) or m.matches(_value(line), VALUE)


def _insert_first(
    source: Source, node: cst.ClassDef, text: str, *, skip: str | None = None
) -> None:
    """Insert lines at the top of a class, below its docstring and the attribute `skip`."""
    lines = [*statements(node.body, source)]
    body = node.body
    assert isinstance(body, cst.IndentedBlock)
    first = body.body[0]
    filler = len(body.body) == 1 and (
        m.matches(first, m.SimpleStatementLine([m.Pass()]))
        or m.matches(first, m.SimpleStatementLine([m.Expr(m.Ellipsis())]))
    )
    if filler:
        source.replace(source.line_start(source.start(first)), source.end(first), text.strip("\n"))
        return
    above = (
        lines[0]
        if lines and m.matches(lines[0], m.SimpleStatementLine([m.Expr(m.SimpleString())]))
        else None
    )
    above = above if above is body.body[0] else None
    named = [line for line in lines if skip is not None and assigned(line) == skip]
    last = named[-1] if named else above
    if last is not None:
        end = source.line_end(source.end(last.body[-1]))
        rest = source.content[end:].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        source.insert(end, "\n\n" + (text.rstrip() if rest.startswith(b"\n\n") else text))
        return
    tail = "" if isinstance(first, cst.SimpleStatementLine) or text.endswith("\n") else "\n"
    source.insert(source.above_comments(_first_start(source, first)), f"{text}\n{tail}")


def _first_start(source: Source, first: cst.BaseStatement) -> int:
    return (
        source.top(first)
        if isinstance(first, cst.ClassDef | cst.FunctionDef)
        else source.start(first)
    )
