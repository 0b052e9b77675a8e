"""Reads the imports between the modules of a Python package from its source."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

Graph = dict[str, set[str]]


def graph(folder: Path) -> Graph:
    """Return the modules that each module of a package imports, anywhere in its code.

    Args:
        folder: the package's folder. Names are relative to it: "core.db.base"; "" is the package.
    """
    modules = {name_of(path, folder): path for path in sorted(folder.rglob("*.py"))}
    return {
        name: {target for target in targets(path, name, folder, modules) if target != name}
        for name, path in modules.items()
    }


def name_of(path: Path, folder: Path) -> str:
    """Return a module's name, relative to the package."""
    return (
        ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix("__init__").strip(".")
    )


def targets(path: Path, name: str, folder: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    """Yield the modules that a module imports; for a name that a package defines, the package."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported = [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imported = [(base_of(node, package, folder.name), alias.name) for alias in node.names]
        else:
            continue
        for base, attribute in imported:
            found = base.removeprefix(folder.name).lstrip(".")
            if base.split(".")[0] != folder.name:
                continue
            inner = f"{found}.{attribute}".strip(".")
            if inner in modules:
                yield inner
            elif found in modules:
                yield found


def base_of(node: ast.ImportFrom, package: str, root: str) -> str:
    """Return the absolute name of the module that an import is from."""
    if not node.level:
        return node.module or ""
    parts = [root, *package.split(".")] if package else [root]
    kept = parts[: len(parts) - node.level + 1]
    return ".".join([*kept, *([node.module] if node.module else [])])


def layer_of(module: str, layers: Sequence[str]) -> str:
    """Return the layer of a module: the longest name that is the module or one of its packages."""
    found = [
        layer for layer in layers if module == layer or module.startswith(f"{layer}.") or not layer
    ]
    return max(found, key=len)


def upward(found: Graph, layers: Sequence[str]) -> list[str]:
    """Return the imports of a lower layer from a higher one.

    Args:
        found: the import graph of a package.
        layers: names of modules and packages, the lowest first.
    """
    rank = {layer: number for number, layer in enumerate(layers)}
    return [
        f"{module} imports {target}"
        for module, names in found.items()
        for target in sorted(names)
        if rank[layer_of(module, layers)] < rank[layer_of(target, layers)]
    ]


def cycles(found: Graph) -> list[list[str]]:
    """Return the groups of modules that import each other, directly or indirectly."""
    reached = {module: reach(found, module) for module in found}
    groups = {
        tuple(sorted(other for other in reached[module] if module in reached[other]))
        for module in found
    }
    return [list(group) for group in sorted(groups) if group]


def reach(found: Graph, start: str) -> set[str]:
    """Return all modules that a module imports, directly or indirectly."""
    seen = set[str]()
    waiting = list(found[start])
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting.extend(found[module])
    return seen


def mermaid(found: Graph, layers: Sequence[str]) -> str:
    """Return a Mermaid diagram of the layers and their imports."""
    pairs = {
        (layer_of(module, layers), layer_of(target, layers))
        for module, names in found.items()
        for target in names
    }
    edges = sorted((one, other) for one, other in pairs if one != other)
    used = {layer for edge in edges for layer in edge}
    nodes = [
        f"    {layer}[{layer.replace('.', '/')}]" for layer in reversed(layers) if layer in used
    ]
    lines = [f"    {one} --> {other}" for one, other in edges]
    return "\n".join(["flowchart TD", *nodes, *lines])
