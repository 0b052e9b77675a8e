"""Every error of the program: a test contains its text, and the documentation its exit code."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

import groundplan
from groundplan.errors import NoTerminal, Refusal
from groundplan.fields.refusals import Broken, Misspelt

from ..support.projects import ROOT

SOURCE = Path(groundplan.__file__).parent
# The exceptions that end a command with a message, and which of their arguments are the message.
SAYING = {
    "Refusal": (0, 1),
    "NoTerminal": (0, 1),
    "UsageError": (0,),
    "Broken": (0, 2),
    "Misspelt": (0, 2),
    "Unsafe": (0,),
}
HOLE = "\0"
Site = tuple[str, tuple[str, ...]]


def sites() -> Iterator[Site]:
    """Yield every place that raises an error, with the longest constant piece of each message."""
    for file in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(file.read_text())
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                for call in ast.walk(function):
                    if isinstance(call, ast.Call) and name_of(call.func) in SAYING:
                        texts = (
                            said(call, index, function) for index in SAYING[name_of(call.func)]
                        )
                        pieces = tuple(piece for text in texts for piece in longest(text))
                        where = f"{file.relative_to(SOURCE)}:{call.lineno}"
                        if pieces:
                            yield where, pieces


def name_of(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def said(call: ast.Call, index: int, function: ast.FunctionDef) -> list[str]:
    """Return the texts that an argument may be: a literal, or the last value assigned to its name."""
    if index >= len(call.args):
        return []
    argument = call.args[index]
    if not isinstance(argument, ast.Name):
        return list(texts(argument))
    assigned = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        and any(name_of(target) == argument.id for target in node.targets)
        and node.lineno < call.lineno
    ]
    last = max(assigned, key=lambda node: node.lineno, default=None)
    return [] if last is None else list(texts(last.value))


def texts(node: ast.expr) -> Iterator[str]:
    """Yield each text that an expression may be, with a hole for every interpolated value."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else HOLE for part in node.values
        )
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)
    elif isinstance(node, ast.BinOp):
        yield from texts(node.left)
        yield from texts(node.right)


def longest(found: list[str]) -> list[str]:
    return [max(text.split(HOLE), key=len) for text in found]


@cache
def corpus() -> str:
    """Return all string literals of the tests, joined."""
    files = [*ROOT.glob("tests/**/*.py")]
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text())))
    return "\n".join(
        "".join(texts(node)) for node in nodes if isinstance(node, ast.JoinedStr | ast.Constant)
    )


@pytest.mark.parametrize(("where", "pieces"), list(sites()))
def test_every_error_has_a_test_with_its_text(where: str, pieces: tuple[str, ...]) -> None:
    missing = [piece for piece in pieces if piece not in corpus()]
    assert not missing, f"{where}: no test has this text"


GUIDE: dict[str, tuple[type[click.ClickException], ...]] = {
    "generator.md": (Refusal, NoTerminal, Broken, Misspelt, click.UsageError),
    "updates.md": (Refusal, click.UsageError),
}


@pytest.mark.parametrize(
    ("page", "error"), [(page, error) for page, errors in GUIDE.items() for error in errors]
)
def test_every_exit_code_is_in_the_guide(page: str, error: type[click.ClickException]) -> None:
    assert f"\n| {error.exit_code} | " in (ROOT / "docs" / page).read_text()


def test_every_subclass_of_refusal_is_checked() -> None:
    found, waiting = set[str](), [Refusal]
    while waiting:
        error = waiting.pop()
        found.add(error.__name__)
        waiting += error.__subclasses__()
    assert found <= SAYING.keys()
