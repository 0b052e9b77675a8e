"""Reads what a driver's files define, and what `drivers/README.md` says they define."""

import ast
import re
from pathlib import Path

from ..support.projects import ROOT

DRIVERS = ROOT / "drivers"
HEADING = re.compile(r"^### `(\w+\.py)`$", re.MULTILINE)
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)

Names = dict[str, str]


def documented() -> dict[str, Names]:
    """Return the names of the protocol with their signatures, by file."""
    parts = HEADING.split((DRIVERS / "README.md").read_text(encoding="utf-8"))[1:]
    return {
        file: defined("\n".join(BLOCK.findall(text)))
        for file, text in zip(parts[::2], parts[1::2], strict=True)
    }


def defined(source: str) -> Names:
    """Return the names that a module defines, each with its signature; "" for a value.

    A method is "Class.method"; another name for a function has the function's signature.
    """
    names: Names = {}
    for node in ast.parse(source).body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                names[node.name] = signature(node)
            case ast.ClassDef():
                names[node.name] = "class"
                for member in node.body:
                    if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
                        names[f"{node.name}.{member.name}"] = signature(member)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                names[name] = names.get(ast.unparse(value), "")
            case ast.AnnAssign(target=ast.Name(id=name)):
                names[name] = ""
            case ast.ImportFrom():
                names |= {alias.asname or alias.name: "imported" for alias in node.names}
            case _:
                pass
    return names


def signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """Return a function's parameters and result, normalised: equal for callers means equal text."""
    returns = "" if node.returns is None else ast.unparse(node.returns)
    if isinstance(node, ast.AsyncFunctionDef) and not any(
        ast.unparse(decorator) == "asynccontextmanager" for decorator in node.decorator_list
    ):
        returns = f"Awaitable[{returns}]"
    return re.sub(r"\b\w+\.(?=[A-Z])", "", f"({ast.unparse(node.args)}) -> {returns}")


def imported(root: Path, package: str = "my_service") -> dict[str, set[str]]:
    """Return the names that the rest of a rendered project imports from a driver's files, by file."""
    found: dict[str, set[str]] = {file: set() for file in documented()}
    places = {
        path: file for file in found for path in (root / package).rglob(file) if rendered(path)
    }
    for path in root.rglob("*.py"):
        if path in places:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                base = path.parents[node.level - 1] if node.level else root
                file = places.get(base.joinpath(*node.module.split(".")).with_suffix(".py"))
                if file is not None:
                    found[file] |= {alias.name for alias in node.names}
    return found


def rendered(path: Path) -> bool:
    """Whether a project's file comes from a driver, rather than having only the same name."""
    text = path.read_text(encoding="utf-8")
    return any(text == file.read_text(encoding="utf-8") for file in DRIVERS.glob(f"*/{path.name}"))
