"""Facts read from a rendered project's code, without running it: settings, checks, errors, problems."""

import ast
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

UNDESCRIBED = {
    "INSTALLED_APPS": "The apps of the service, by the names of their folders in `apps/`.",
    "SILENCED_CHECKS": "Ids of messages that `check` does not show, such as `security.W013`.",
}


class Setting(NamedTuple):
    """A setting: its name, its meaning, type and default, and whether it is an attribute of the class."""

    name: str
    text: str
    type: str
    default: str
    in_code: bool


def settings(file: Path) -> list[Setting]:
    """Return the settings of the class `CoreSettings`, in the order of the file."""
    tree = ast.parse(file.read_text())
    [body] = [n.body for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "CoreSettings"]
    found: list[Setting] = []
    for node, after in zip(body, [*body[1:], None], strict=True):
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                text = _docstring(after) or UNDESCRIBED[name]
                in_code = ast.unparse(annotation).startswith("ClassVar[")
                found.append(
                    Setting(name.upper(), text, _type(annotation), _default(value), in_code)
                )
            case _:
                pass
    return found


def _docstring(node: ast.stmt | None) -> str:
    match node:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return " ".join(text.split())
        case _:
            return ""


def _type(annotation: ast.expr) -> str:
    match annotation:
        case ast.Subscript(value=ast.Name(id="Annotated" | "ClassVar"), slice=inner):
            return _type(inner.elts[0] if isinstance(inner, ast.Tuple) else inner)
        case ast.Name(id="CommaSeparated"):
            return "list[str]"
        case ast.Name(id="SecretStr"):
            return "str"
        case ast.BinOp(left=left, right=ast.Constant(value=None)):
            return _type(left)
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inner):
            words = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return ", ".join(ast.literal_eval(word) for word in words)
        case _:
            return ast.unparse(annotation)


def _default(value: ast.expr | None) -> str:
    match value:
        case ast.Call(keywords=keywords):
            given = [keyword.value for keyword in keywords if keyword.arg == "default"]
            return _default(given[0]) if given else "see its meaning"
        case ast.Constant(value=None):
            return "not set"
        case ast.Constant(value=bool(flag)):
            return f"`{str(flag).lower()}`"
        case ast.Constant(value=constant):
            return f"`{constant!s}`"
        case ast.List(elts=items):
            parts = [str(ast.literal_eval(item)) for item in items]
            return f"`{','.join(parts)}`" if parts else "empty"
        case _:
            return "not set"


class Check(NamedTuple):
    """A message of `manage.py check`, and whether only `--deploy` shows it."""

    id: str
    text: str
    hint: str
    deploy: bool


def checks(core: Path) -> str:
    """The page of the messages of `manage.py check`."""
    files = [file for part in ("management", "development") for file in (core / part).rglob("*.py")]
    found = sorted({check for file in files for check in _checks(ast.parse(file.read_text()))})
    parts = [
        "# Checks\n\n`python manage.py check` looks for mistakes that do not stop the service from "
        "starting. `check --deploy` also judges the settings as production's. The ids never change: list "
        "one in `SILENCED_CHECKS` to silence its message. The letter in an id is the level: `E` is an "
        "error, `W` a warning, `I` information. `…` is filled in. Production images leave out "
        "`migrations.W1…` and `updates.…`.\n"
    ]
    for title, deploy in (("Always", False), ("With --deploy", True)):
        rows = [[f"`{c.id}`", c.text, c.hint] for c in found if c.deploy is deploy]
        parts += [f"\n## {title}\n\n", table(["Id", "Message", "What to do"], rows)]
    return "".join(parts)


def _checks(tree: ast.Module) -> Iterator[Check]:
    for top in tree.body:
        deploy = isinstance(top, ast.FunctionDef) and any(
            keyword.arg == "deploy"
            for decorator in top.decorator_list
            if isinstance(decorator, ast.Call)
            for keyword in decorator.keywords
        )
        for node in ast.walk(top):
            match node:
                case (
                    ast.Call(
                        func=ast.Name(id="Message"),
                        args=[_, ast.Constant(value=str(id)), text, hint],
                    )
                    | ast.Call(
                        func=ast.Name(id="warning"),
                        args=[ast.Constant(value=str(id)), text, hint],
                    )
                ):
                    yield Check(id, _words(text), _words(hint), deploy)
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="Message"), attr="of"),
                    args=[_, ast.Constant(value=str(id))],
                ):
                    yield Check(id, "*The error of a command that could not run.*", "", deploy)
                case ast.Dict(keys=keys, values=values):
                    yield from _rules(keys, values)
                case _:
                    pass


def _rules(keys: list[ast.expr | None], values: list[ast.expr]) -> Iterator[Check]:
    """The rules of the linter of revisions."""
    for key, value in zip(keys, values, strict=True):
        match key, value:
            case (
                ast.Constant(value=str(id)),
                ast.Call(func=ast.Name(id="Rule"), args=[text, hint, *_]),
            ):
                yield Check(id, f"A revision: {_words(text)}", _words(hint), False)
            case _:
                pass


def _words(node: ast.expr) -> str:
    """A text as written in the code, with `…` for what is filled in."""
    match node:
        case ast.Constant(value=str(text)):
            return escape(text)
        case ast.JoinedStr(values=parts):
            return "".join(_words(p) if isinstance(p, ast.Constant) else "…" for p in parts)
        case ast.IfExp(body=body, orelse=other):
            return f"{_words(body)} / {_words(other)}"
        case _:
            return "…"


def errors(core: Path) -> str:
    """The page of the data layer's errors, and of the problems that clients get."""
    answered = _answers((core / "web" / "errors.py").read_text())
    rows: list[list[str]] = []
    tree = ast.parse((core / "db" / "errors.py").read_text())
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name != "CommitSent":
            base = ast.unparse(node.bases[0])
            details = [
                ast.literal_eval(item.value)
                for item in node.body
                if isinstance(item, ast.Assign) and ast.unparse(item.targets[0]) == "detail"
            ]
            text = (ast.get_docstring(node) or "").split("\n\n")[0]
            answer = answered.get(node.name, ("", "", ""))
            rows.append(
                [f"`{node.name}`", f"`{base}`", _line(text), (details or [""])[0], answer[1]]
            )
    problems = {answer[0]: answer for answer in answered.values()}
    for file in sorted(core.rglob("*.py")):
        for kind, status, title in _problems(file.read_text()):
            problems.setdefault(kind, (kind, status, title))
    listed = [[f"`{kind}`", status, title] for kind, status, title in sorted(problems.values())]
    return (
        "# Errors and problem types\n\n## Problems\n\n"
        "An error is answered as `application/problem+json` (RFC 9457). Programs rely on `type`, which never changes. "
        "Any other status has the type `about:blank`, and its title is the status in words.\n\n"
        + table(["Type", "Status", "Title"], listed)
        + "\n## Errors of core.db\n\n"
        "An error that is not caught is answered with the status in its row, or in the row of its nearest base. "
        "A `RuntimeError` is a mistake in the program and is answered with 500.\n\n"
        + table(["Class", "Base", "Raised when", "Detail that clients read", "Status"], rows)
    )


def _answers(source: str) -> dict[str, tuple[str, str, str]]:
    pattern = r'db\.(\w+): Answer\((\d+), "([^"]+)", "([^"]+)"'
    return {
        name: (kind, status, title) for name, status, kind, title in re.findall(pattern, source)
    }


def _problems(source: str) -> Iterator[tuple[str, str, str]]:
    """The problems that a module answers with, by the dictionaries with a type and the function's status."""
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        statuses = [
            str(word.value)
            for call in ast.walk(function)
            if isinstance(call, ast.Call)
            for word in call.args
            if isinstance(word, ast.Constant) and word.value in set(HTTPStatus)
        ]
        for node in ast.walk(function):
            members = _members(node)
            kind = members.get("type", "")
            if kind.startswith("urn:problem:") and statuses:
                yield kind, statuses[0], members.get("title", HTTPStatus(int(statuses[0])).phrase)


def _members(node: ast.AST) -> dict[str, str]:
    """The keys and values of a dictionary that are texts."""
    if not isinstance(node, ast.Dict):
        return {}
    return {
        str(key.value): value.value
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant)
        and isinstance(value, ast.Constant)
        and isinstance(value.value, str)
    }


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in line] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


def escape(text: str) -> str:
    """Return text that Markdown shows as it is, except code between backticks."""
    parts = text.split("`")
    return "`".join(
        part if at % 2 else re.sub(r"([*_<>\[\]\\])", r"\\\1", part)
        for at, part in enumerate(parts)
    )


def _line(text: str) -> str:
    return " ".join(text.split())
