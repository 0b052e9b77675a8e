# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Reads a revision without running it, and reports operations that need review.

A comment `# checked: ID` in a statement silences the finding of that id.
"""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from .database_rules import DATABASE_RULES, find_unsafe, is_free
from .rules import GENERAL_RULES, Call, Rule, is_false, name_of, text

RULES = GENERAL_RULES | DATABASE_RULES
CHECKED = re.compile(r"# checked: ([\w., ]+)")
RENAME_COLUMN = re.compile(r"\bRENAME\s+COLUMN\b|\bCHANGE\s+COLUMN\b", re.IGNORECASE)
RENAME_TABLE = re.compile(r"\bALTER\s+TABLE\s+\S+\s+RENAME\s+TO\b", re.IGNORECASE)


class Finding(NamedTuple):
    """An operation that breaks a rule, whose id never changes."""

    id: str
    line: int
    subject: str
    rule: Rule

    def __str__(self) -> str:
        return f"  ! ({self.id}) {self.subject}: {self.rule.problem}\n      {self.rule.steps}"


def lint(source: str) -> list[Finding]:
    """Return the operations of a revision's `upgrade`, or of its statements, that break a rule."""
    body = upgrade(ast.parse(source))
    lines = source.splitlines()
    reader = Reader()
    return [
        finding
        for statement in body
        for finding in reader.read(statement)
        if finding.id not in checked(lines, finding.line, statement.end_lineno or finding.line)
    ]


def upgrade(tree: ast.Module) -> list[ast.stmt]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "upgrade":
            return node.body
    return tree.body


def checked(lines: list[str], first: int, last: int) -> set[str]:
    """Return the ids in `# checked:` comments of these lines, numbered from 1."""
    found = CHECKED.findall("\n".join(lines[first - 1 : last]))
    return {id.strip() for ids in found for id in ids.split(",")}


class Reader:
    """Reads statements in order, and remembers new tables and columns, which are safe to change."""

    def __init__(self) -> None:
        self.new_tables: set[str] = set()
        self.new_columns: set[tuple[str, str]] = set()

    def read(self, statement: ast.stmt) -> Iterator[Finding]:
        for call in calls(statement):
            if call.name == "create_table":
                self.new_tables.add(call.table)
            for id, subject in (*find_unsafe(call), *self.judge(call)):
                if call.table not in self.new_tables or RULES[id].of_new_tables:
                    yield Finding(id, call.line, subject, RULES[id])

    def judge(self, call: Call) -> Iterator[tuple[str, str]]:
        """Yield the id and the subject of each finding."""
        match call.name:
            case "add_column":
                yield from self.judge_new_column(call)
            case "alter_column":
                yield from self.judge_altered_column(call)
            case "drop_column":
                yield "migrations.W103", f"{call.table}.{text(call.positional[0])}"
            case "drop_table":
                yield "migrations.W104", call.table
            case "rename_table":
                yield "migrations.W106", call.table
            case "execute":
                sql = " ".join(constant for constant in map(text, call.positional) if constant)
                if RENAME_COLUMN.search(sql):
                    yield "migrations.W105", sql
                elif RENAME_TABLE.search(sql):
                    yield "migrations.W106", sql
            case _:
                pass

    def judge_new_column(self, call: Call) -> Iterator[tuple[str, str]]:
        column = call.positional[0]
        if not isinstance(column, ast.Call):
            return
        name = text(column.args[0])
        options = {keyword.arg: keyword.value for keyword in column.keywords}
        filled = "server_default" in options or any(
            isinstance(part, ast.Call) and name_of(part) in {"Computed", "Identity"}
            for part in column.args
        )
        if is_false(options.get("nullable")) and not filled:
            yield "migrations.W101", f"{call.table}.{name}"
        elif not filled:
            self.new_columns.add((call.table, name))

    def judge_altered_column(self, call: Call) -> Iterator[tuple[str, str]]:
        name = text(call.positional[0])
        subject = f"{call.table}.{name}"
        if "new_column_name" in call.named:
            yield "migrations.W105", subject
        if is_false(call.named.get("nullable")):
            new = (call.table, name) in self.new_columns
            yield "migrations.W101" if new else "migrations.W102", subject
        if "type_" in call.named:
            before, after = call.named.get("existing_type"), call.named["type_"]
            if before is None or not is_free(ast.unparse(before), ast.unparse(after)):
                yield "migrations.W107", subject


def calls(statement: ast.stmt) -> Iterator[Call]:
    """Yield the operations in a statement; in a batch, the table is the batch's."""
    batch = ""
    if isinstance(statement, ast.With):
        for item in statement.items:
            opened = item.context_expr
            if isinstance(opened, ast.Call) and name_of(opened) == "batch_alter_table":
                batch = in_schema(opened, text(opened.args[0]))
    for node in ast.walk(statement):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        holder = node.func.value
        if not isinstance(holder, ast.Name) or holder.id not in {"op", "batch_op"}:
            continue
        named = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        table, rest = table_and_rest(node, named, batch if holder.id == "batch_op" else None)
        yield Call(node.func.attr, table, rest, named, node.lineno)


def table_and_rest(
    node: ast.Call, named: dict[str, ast.expr], batch: str | None
) -> tuple[str, list[ast.expr]]:
    """Return an operation's table, and its positional arguments without the table."""
    arguments = list(node.args)
    if batch is not None or not arguments:
        return batch or "", arguments
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if name == "execute":
        return "", arguments
    place = 1 if name.startswith("create_") and name != "create_table" else 0
    if len(arguments) > place:
        table = arguments.pop(place)
        return in_schema(node, text(table)), arguments
    return in_schema(node, text(named.get("table_name"))), arguments


def in_schema(call: ast.Call, table: str) -> str:
    """Return a table's name after the schema that a call names."""
    schemas = [text(keyword.value) for keyword in call.keywords if keyword.arg == "schema"]
    return ".".join([*(name for name in schemas if name != "None"), table])
