"""The public names of `core`, with the signatures and docstrings of a rendered project."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

MODULES = (
    "core.db",
    "core.db.types",
    "core.web",
    "core.auth",
    "core.auth.testing",
    "core.jobs",
    "core.mail",
    "core.webhooks",
    "core.admin",
    "core.management.steps",
)
SECTIONS = ("Args:", "Attributes:", "Raises:", "Returns:", "Yields:", "Example:")
Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Name(NamedTuple):
    """A public name: where it is defined, its definition, and the docstring after a variable."""

    name: str
    module: str
    node: ast.stmt
    text: str


def page(core: Path, module: str) -> str:
    """Return the page of a module of `core`."""
    file = module_file(core, module)
    tree = ast.parse(file.read_text())
    found = [find(core, module, name) for name in exported(tree)]
    document = ast.get_docstring(tree) or ""
    return f"# {module}\n\n{markdown(document)}\n" + "\n".join(entry(each) for each in found)


def module_file(core: Path, module: str) -> Path:
    package = core.parent / module.replace(".", "/")
    return package / "__init__.py" if package.is_dir() else package.with_suffix(".py")


def exported(tree: ast.Module) -> list[str]:
    """The public names of a module, sorted: `__all__`, else imports `as` themselves, else what it defines."""
    imported: list[str] = []
    defined: list[str] = []
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                return sorted(ast.literal_eval(value), key=str.lower)
            case ast.ImportFrom(names=names):
                imported += [one.name for one in names if one.asname == one.name]
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                defined.append(name)
            case _:
                pass
    return sorted(imported or defined, key=str.lower)


def find(core: Path, module: str, name: str) -> Name:
    """Find the definition of a name, through the imports of the modules that export it."""
    file = module_file(core, module)
    body = [
        inner
        for node in ast.parse(file.read_text()).body
        for inner in (node.body if isinstance(node, ast.If) else [node])  # if TYPE_CHECKING
    ]
    for node, after in zip(body, [*body[1:], None], strict=True):
        match node:
            case (
                ast.ClassDef(name=found)
                | ast.FunctionDef(name=found)
                | ast.AsyncFunctionDef(name=found)
            ) if found == name:
                return Name(name, module, node, ast.get_docstring(node) or "")
            case (
                ast.Assign(targets=[ast.Name(id=found)]) | ast.AnnAssign(target=ast.Name(id=found))
            ) if found == name:
                return Name(name, module, node, _string(after))
            case ast.ImportFrom(module=source, names=names, level=level) if level:
                for one in names:
                    if (one.asname or one.name) == name:
                        return find(core, _absolute(file, core, source, level), one.name)
            case _:
                pass
    raise LookupError(f"{module} does not define {name}")


def _absolute(file: Path, core: Path, source: str | None, level: int) -> str:
    folder = file.parent
    for _ in range(level - 1):
        folder = folder.parent
    parts = folder.relative_to(core.parent).parts
    return ".".join((*parts, *(source.split(".") if source else ())))


def _string(node: ast.stmt | None) -> str:
    match node:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return text
        case _:
            return ""


def entry(name: Name) -> str:
    """Return the entry of a name: signature, docstring, and the public methods of a class."""
    heading = f"## {name.name}\n\n"
    match name.node:
        case ast.ClassDef() as node:
            methods = [method(each) for each in node.body if _is_public(each)]
            bases = ", ".join(ast.unparse(base) for base in node.bases)
            code = [f"class {node.name}{f'({bases})' if bases else ''}", *_fields(node)]
            return (
                heading + _code("\n".join(code)) + markdown(name.text) + "\n\n" + "".join(methods)
            )
        case ast.FunctionDef() | ast.AsyncFunctionDef() as node:
            return heading + _code(signature(node)) + markdown(name.text) + "\n"
        case node:
            return heading + _code(ast.unparse(node)) + markdown(name.text) + "\n"


def _is_public(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and ast.get_docstring(node) is not None
        and (not node.name.startswith("_") or node.name == "__call__")
    )


def _fields(node: ast.ClassDef) -> list[str]:
    """The annotated attributes of a class."""
    return [
        f"    {item.target.id}: {ast.unparse(item.annotation)}"
        for item in node.body
        if isinstance(item, ast.AnnAssign)
        and isinstance(item.target, ast.Name)
        and not item.target.id.startswith("_")
    ]


def method(node: ast.stmt) -> str:
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    text = markdown(ast.get_docstring(node) or "")
    return f"### {node.name}\n\n{_code(signature(node))}{text}\n\n"


def signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """A function's first line, as the formatter would write it."""
    word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    decorators = "".join(
        f"@{ast.unparse(one)}\n"
        for one in node.decorator_list
        if ast.unparse(one) in ("property", "classmethod", "staticmethod", "asynccontextmanager")
    )
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    line = f"{word} {node.name}({ast.unparse(node.args)}){returns}"
    if len(line) <= 88:
        return decorators + line
    arguments = _split(ast.unparse(node.args))
    inner = "".join(f"    {argument},\n" for argument in arguments)
    return f"{decorators}{word} {node.name}(\n{inner}){returns}"


def _split(arguments: str) -> list[str]:
    """Split arguments at the commas that are not within brackets."""
    found = [""]
    depth = 0
    for char in arguments:
        depth += (char in "([{") - (char in ")]}")
        if char == "," and not depth:
            found.append("")
        else:
            found[-1] += char
    return [each.strip() for each in found]


def _code(text: str) -> str:
    return f"```python\n{text}\n```\n\n"


def markdown(docstring: str) -> str:
    """Return a docstring as Markdown: sections such as `Args:` become lists."""
    lines: list[str] = []
    section = ""
    for line in docstring.splitlines():
        if line in SECTIONS:
            section = line
            lines += ["", f"**{line[:-1]}**", ""]
        elif section and line.startswith("    ") and not line.startswith("     "):
            lines.append(_item(line.strip()))
        elif section and line.startswith("     "):
            lines.append("  " + line.strip())
        elif line.endswith("::") or line.startswith("    "):
            lines.append(line)
        else:
            section = "" if line and not line.startswith(" ") else section
            lines.append(line)
    return "\n".join(lines).strip() + "\n"


def _item(line: str) -> str:
    match = re.match(r"((?:\*{0,2}\w+(?:, )?)+): (.*)", line)
    return f"- `{match[1]}`: {match[2]}" if match else f"- {line}"
